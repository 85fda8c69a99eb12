import type { Block } from './gate.ts';
import type { AccountView, Gate } from './gatekeeper.ts';
import { keyFingerprint } from './identity.ts';
import type { Announcer, ApiKeys, Clock, FreeApi } from './ports.ts';

/** What JoggAI asks for one call. Source: JoggAI's price list. */
const CREDITS_PER_CALL = 0.2;

/** What was noted of the account at the last look. */
export interface AccountNotes {
  /** Credits left, and when JoggAI said so: milliseconds since the epoch. */
  readonly credits?: { readonly left: number; readonly at: number } | undefined;
  /** The block that everybody was told of, if the last word was that the account is blocked. */
  readonly announcedBlock?: (Pick<Block, 'since'> & { readonly reason: string }) | undefined;
}

export interface AccountNotesStore {
  read(): Promise<AccountNotes>;
  write(notes: AccountNotes): Promise<void>;
}

export interface AccountWatchPorts {
  readonly gate: Pick<Gate, 'look' | 'letProbe'>;
  readonly apiKeys: Pick<ApiKeys, 'current'>;
  readonly freeApi: Pick<FreeApi, 'creditsLeft'>;
  readonly notes: AccountNotesStore;
  readonly announcer: Pick<Announcer, 'accountChanged'>;
  readonly clock: Clock;
}

export interface AccountSeen {
  readonly account: AccountView;
  /** What keeps the account from being used, as far as anybody knows. */
  readonly block: Block | undefined;
  /** `undefined`: JoggAI did not say. */
  readonly creditsLeft: number | undefined;
}

/** Whether a free read shows that the cause of a block is gone: the key is taken, and there is credit. */
const isDisproved = ({ reason }: Block, creditsLeft: number | undefined): boolean =>
  creditsLeft !== undefined && (reason !== 'insufficient_credit' || creditsLeft >= CREDITS_PER_CALL);

/**
 * Looks at the account: what the gate says, and the credit that JoggAI says is left. Where that shows that a block has
 * lost its cause, the next probe may go at once. Announces a block and its end before it notes that it did, so that a
 * death in between announces twice and not never.
 */
export const createAccountWatch =
  ({ gate, apiKeys, freeApi, notes, announcer, clock }: AccountWatchPorts) =>
  async (): Promise<AccountSeen> => {
    const apiKey = await apiKeys.current();
    const key = apiKey.kind === 'present' ? apiKey.value : undefined;
    const [account, creditsLeft, noted] = await Promise.all([
      gate.look(key === undefined ? '' : keyFingerprint(key)),
      key === undefined ? undefined : freeApi.creditsLeft(key),
      notes.read(),
    ]);
    const isLifted = account.block !== undefined && isDisproved(account.block, creditsLeft);
    if (isLifted) await gate.letProbe();

    const block = isLifted ? undefined : account.block;
    const { announcedBlock } = noted;
    if (block && block.since !== announcedBlock?.since) {
      await announcer.accountChanged({ kind: 'blocked', reason: block.reason, since: block.since });
    }
    if (!block && announcedBlock) {
      await announcer.accountChanged({ kind: 'unblocked', since: announcedBlock.since, at: clock() });
    }
    await notes.write({
      credits: creditsLeft === undefined ? noted.credits : { left: creditsLeft, at: clock() },
      announcedBlock: block && { reason: block.reason, since: block.since },
    });
    return { account, block, creditsLeft };
  };
