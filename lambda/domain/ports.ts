import type { PhotoAvatarRequest } from './contract.ts';
import type { Look } from './generation.ts';
import type { Outcome } from './outcome.ts';
import type { AvatarImage, AvatarRecord, OpenState, Status } from './record.ts';

/** Milliseconds since the epoch. */
export type Clock = () => number;

export type Created =
  | { readonly kind: 'created' }
  /** Somebody's record has this id already. */
  | { readonly kind: 'exists'; readonly record: AvatarRecord };

export type Replaced =
  | { readonly kind: 'stored' }
  /** The record is not, or no longer, what the change was made from. `record` is what is there instead. */
  | { readonly kind: 'conflict'; readonly record: AvatarRecord | undefined };

/** Where every request ends in a recorded outcome. All writes are conditional, all reads consistent. */
export interface Ledger {
  /** Stores a record whose id nobody has. */
  create(record: AvatarRecord): Promise<Created>;
  /** Stores `next` if the ledger still holds the version that `next` was made from. */
  replace(next: AvatarRecord): Promise<Replaced>;
  get(id: string): Promise<AvatarRecord | undefined>;
}

/** The records on which something is left to be done. May be behind the ledger by a moment. */
export interface OpenRecords {
  /**
   * Those that are due, the longest due first.
   *
   * @param query `now` in milliseconds since the epoch; at most `limit` records
   */
  due(state: OpenState, query: { readonly now: number; readonly limit: number }): Promise<AvatarRecord[]>;
}

/** Where a page of a listing ends. */
export interface ListPosition {
  readonly createdAt: string;
  readonly id: string;
}

export interface ListQuery {
  readonly status?: Status | undefined;
  /** At most this many records. */
  readonly limit: number;
  /** Only records that come behind this one. */
  readonly after?: ListPosition | undefined;
}

export interface RecordList {
  /** Newest first. */
  list(query: ListQuery): Promise<{ readonly records: AvatarRecord[]; readonly next?: ListPosition }>;
}

/** The paid POST and nothing else: called at most once for each claim. Never throws. */
export interface PaidApi {
  generate(
    request: PhotoAvatarRequest,
    options: {
      readonly apiKey: string;
      readonly timeoutMs: number;
      /** Of the record that it is for, so that the log tells. */
      readonly recordId: string;
    },
  ): Promise<Outcome>;
}

/** What is known of the JoggAI API key. Only `present` leads to a call. */
export type ApiKeyState =
  | { readonly kind: 'present'; readonly value: string }
  /** The secret has no value, or an empty one. */
  | { readonly kind: 'unset' }
  /** The secret has a value that cannot be an API key. */
  | { readonly kind: 'malformed'; readonly problem: string }
  /** The secret could not be read. */
  | { readonly kind: 'unreadable'; readonly problem: string };

export interface ApiKeys {
  /** The key as last read, at most five minutes ago. */
  current(): Promise<ApiKeyState>;
  /** The key as it is now. */
  refreshed(): Promise<ApiKeyState>;
}

/** JoggAI's free reads. They never throw. */
export interface FreeApi {
  /** What became of a generation. */
  photo(photoId: string, apiKey: string): Promise<Look>;
  /** Credits left, or `undefined` if JoggAI did not say. */
  creditsLeft(apiKey: string): Promise<number | undefined>;
}

export type KeptImage =
  | { readonly kind: 'kept'; readonly copy: NonNullable<AvatarImage['copy']> }
  /** It is not to be had and never will be: not from there, not of that kind or size. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** It could not be had now. */
  | { readonly kind: 'failed'; readonly reason: string };

/** Copies pictures to where they stay. Never throws. */
export interface ImageKeeper {
  /** @param name where the copy lies, without an ending */
  keep(url: string, name: string): Promise<KeptImage>;
}

/** Tells the world. At least once for everything, so receivers compare ids and versions. */
export interface Announcer {
  /** @throws if it is not certain that the event was taken */
  recordEnded(record: AvatarRecord): Promise<void>;
  /** @throws if it is not certain that the event was taken */
  accountChanged(change: AccountChange): Promise<void>;
}

export type AccountChange =
  | { readonly kind: 'blocked'; readonly reason: string; readonly since: number }
  | { readonly kind: 'unblocked'; readonly since: number; readonly at: number };
