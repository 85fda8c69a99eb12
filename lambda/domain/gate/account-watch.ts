import type { AccountChange, ApiKeyState, ApiKeys, Clock, EventPublisher, FreeApi } from '../ports.ts';
import { keyFingerprint } from '../request/identity.ts';
import type { Block } from './account-rules.ts';
import type { AccountView, Gate } from './gate.ts';

/** The price of one call in credits. Source: JoggAI's price list. */
export const CREDITS_PER_CALL = 0.2;

/** What the last check noted about the account. */
export interface AccountNotes {
  /** When it was: milliseconds since the epoch. */
  readonly checkedAt?: number | undefined;
  /** Credits left, and when JoggAI said so: milliseconds since the epoch. */
  readonly credits?: { readonly left: number; readonly at: number } | undefined;
  /** The block that was published last, unless its end was published since. */
  readonly announcedBlock?: (Pick<Block, 'since'> & { readonly reason: string }) | undefined;
  /** The block that a free read disproved last, and how many probes had been refused until then. */
  readonly disprovedBlock?: Pick<Block, 'since' | 'refusedProbes'> | undefined;
}

export interface AccountNotesStore {
  read(): Promise<AccountNotes>;
  write(notes: AccountNotes): Promise<void>;
}

export interface AccountWatchPorts {
  readonly gate: Pick<Gate, 'snapshot' | 'allowProbe'>;
  readonly apiKeys: ApiKeys;
  readonly freeApi: Pick<FreeApi, 'creditsLeft'>;
  readonly notes: AccountNotesStore;
  readonly publisher: Pick<EventPublisher, 'accountChanged'>;
  readonly clock: Clock;
}

export interface AccountCheck {
  readonly account: AccountView;
  /** The block of the account, unless a free read disproved it. */
  readonly block: Block | undefined;
  /** `undefined`: JoggAI did not say. */
  readonly creditsLeft: number | undefined;
  readonly notes: AccountNotes;
  /** To be published. */
  readonly change: AccountChange | undefined;
}

/** Whether a free read shows that the cause of a block is gone. It shows credit, but neither permission nor rate. */
const disproves = ({ reason }: Block, creditsLeft: number | undefined): boolean =>
  reason === 'insufficient_credit' && creditsLeft !== undefined && creditsLeft >= CREDITS_PER_CALL;

/** The disproof of a block, until a probe that it allowed was refused: a paid call is better evidence. */
const disproofOf = (
  { since, refusedProbes }: Block,
  { disprovedBlock }: AccountNotes,
): AccountNotes['disprovedBlock'] => {
  if (disprovedBlock?.since !== since) return { since, refusedProbes };
  return refusedProbes > disprovedBlock.refusedProbes ? undefined : disprovedBlock;
};

/** Why no calls are made, as published. */
const troubleOf = (block: Block | undefined, { backOff }: AccountView): AccountNotes['announcedBlock'] =>
  block ?? (backOff && { reason: 'backing_off', since: backOff.since });

const changeToPublish = (
  block: AccountNotes['announcedBlock'],
  { announcedBlock }: AccountNotes,
  now: number,
): AccountChange | undefined => {
  if (block) {
    const { reason, since } = block;
    const isKnown = since === announcedBlock?.since && reason === announcedBlock.reason;
    return isKnown ? undefined : { kind: 'blocked', reason, since };
  }
  return announcedBlock && { kind: 'unblocked', since: announcedBlock.since, at: now };
};

export const createAccountWatch = ({
  gate,
  apiKeys,
  freeApi,
  notes,
  publisher,
  clock,
}: AccountWatchPorts) => {
  /** Whether the secret holds another key than the cached one. Afterwards it is the cached one. */
  const isReplaced = async (cached: ApiKeyState): Promise<boolean> => {
    const current = await apiKeys.refreshed();
    return current.kind === 'present' && !(cached.kind === 'present' && cached.value === current.value);
  };

  const checkAccount = async (): Promise<AccountCheck> => {
    const apiKey = await apiKeys.current();
    const key = apiKey.kind === 'present' ? apiKey.value : undefined;
    const [account, creditsLeft, noted] = await Promise.all([
      gate.snapshot(key === undefined ? '' : keyFingerprint(key)),
      key === undefined ? undefined : freeApi.creditsLeft(key),
      notes.read(),
    ]);
    if (account.block && (await isReplaced(apiKey))) return checkAccount();
    const disproof =
      account.block && disproves(account.block, creditsLeft) ? disproofOf(account.block, noted) : undefined;
    if (disproof) await gate.allowProbe('block');
    if (account.backOff && creditsLeft !== undefined) await gate.allowProbe('back_off');

    const block = disproof ? undefined : account.block;
    const next: AccountNotes = {
      ...noted,
      checkedAt: clock(),
      ...(creditsLeft !== undefined && { credits: { left: creditsLeft, at: clock() } }),
      ...(disproof && { disprovedBlock: disproof }),
    };
    await notes.write(next);
    // Without a key the block cannot be attributed. A missing key has its own alarm.
    const change = key === undefined ? undefined : changeToPublish(troubleOf(block, account), next, clock());
    return { account, block, creditsLeft, notes: next, change };
  };

  return {
    /**
     * Checks the account: the gate's state, and the credit left at JoggAI. If these disprove a block, the next probe is
     * allowed at once.
     */
    check: checkAccount,

    /**
     * Publishes a change of the account and notes it afterwards, so it is published at least once.
     *
     * @throws if it is not certain that the event was accepted
     */
    async publishChange({ change, notes: noted }: AccountCheck): Promise<void> {
      if (!change) return;
      await publisher.accountChanged(change);
      const announcedBlock =
        change.kind === 'blocked' ? { reason: change.reason, since: change.since } : undefined;
      await notes.write({ ...noted, announcedBlock });
    },
  };
};
