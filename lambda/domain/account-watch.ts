import type { Block } from './gate.ts';
import type { AccountView, Gate } from './gatekeeper.ts';
import { keyFingerprint } from './identity.ts';
import type { AccountChange, Announcer, ApiKeys, Clock, FreeApi } from './ports.ts';

/** What JoggAI asks for one call. Source: JoggAI's price list. */
const CREDITS_PER_CALL = 0.2;

/** What was noted of the account at the last look. */
export interface AccountNotes {
  /** Credits left, and when JoggAI said so: milliseconds since the epoch. */
  readonly credits?: { readonly left: number; readonly at: number } | undefined;
  /** The block that everybody was told of, if the last word was that the account is blocked. */
  readonly announcedBlock?: (Pick<Block, 'since'> & { readonly reason: string }) | undefined;
  /** The block that a free read disproved last, and how many probes had been refused by then. */
  readonly disprovedBlock?: Pick<Block, 'since' | 'refusedProbes'> | undefined;
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
  readonly notes: AccountNotes;
  /** What nobody was told yet. */
  readonly news: AccountChange | undefined;
}

/** Whether a free read shows that the cause of a block is gone: the key is taken, and there is credit. */
const speaksAgainst = ({ reason }: Block, creditsLeft: number | undefined): boolean =>
  creditsLeft !== undefined && (reason !== 'insufficient_credit' || creditsLeft >= CREDITS_PER_CALL);

/** The disproof of a block, until a probe that went on its account was refused: paid calls know better. */
const disproofOf = (
  { since, refusedProbes }: Block,
  { disprovedBlock }: AccountNotes,
): AccountNotes['disprovedBlock'] => {
  if (disprovedBlock?.since !== since) return { since, refusedProbes };
  return refusedProbes > disprovedBlock.refusedProbes ? undefined : disprovedBlock;
};

const newsOf = (
  block: Block | undefined,
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
  announcer,
  clock,
}: AccountWatchPorts) => ({
  /**
   * Looks at the account: what the gate says, and the credit that JoggAI says is left. Where that shows that a block
   * has lost its cause, the next probe may go at once.
   */
  async look(): Promise<AccountSeen> {
    const apiKey = await apiKeys.current();
    const key = apiKey.kind === 'present' ? apiKey.value : undefined;
    const [account, creditsLeft, noted] = await Promise.all([
      gate.look(key === undefined ? '' : keyFingerprint(key)),
      key === undefined ? undefined : freeApi.creditsLeft(key),
      notes.read(),
    ]);
    const disproof =
      account.block && speaksAgainst(account.block, creditsLeft)
        ? disproofOf(account.block, noted)
        : undefined;
    if (disproof) await gate.letProbe();

    const block = disproof ? undefined : account.block;
    const next: AccountNotes = {
      ...noted,
      ...(creditsLeft !== undefined && { credits: { left: creditsLeft, at: clock() } }),
      ...(disproof && { disprovedBlock: disproof }),
    };
    await notes.write(next);
    // Without a key nobody knows whose block it is: that is told by an alarm of its own.
    const news = key === undefined ? undefined : newsOf(block, next, clock());
    return { account, block, creditsLeft, notes: next, news };
  },

  /**
   * Announces what nobody was told yet, and notes it afterwards: a death in between announces twice and not never.
   *
   * @throws if it is not certain that it was announced
   */
  async tell({ news, notes: noted }: AccountSeen): Promise<void> {
    if (!news) return;
    await announcer.accountChanged(news);
    const announcedBlock = news.kind === 'blocked' ? { reason: news.reason, since: news.since } : undefined;
    await notes.write({ ...noted, announcedBlock });
  },
});
