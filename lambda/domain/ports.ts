import type { Outcome } from './outcome.ts';
import type { AvatarImage, AvatarRecord, OpenState, Status } from './record/record.ts';
import type { PhotoAvatarRequest } from './request/contract.ts';

/** Milliseconds since the epoch. */
export type Clock = () => number;

/** The Lambda invocation that does the work. */
export interface Invocation {
  readonly id: string;
  /** When Lambda stops it: milliseconds since the epoch. */
  readonly deadline: number;
}

export type CreateResult =
  | { readonly kind: 'created' }
  /** A record with this id exists. */
  | { readonly kind: 'exists'; readonly record: AvatarRecord };

export type ReplaceResult =
  | { readonly kind: 'stored' }
  /** The ledger does not hold the version that the change was made from. `record` is what it holds instead, if that can be read. */
  | { readonly kind: 'conflict'; readonly record: AvatarRecord | undefined };

/**
 * Holds every request and its recorded outcome. All writes are conditional, all reads consistent. `create` and `get`
 * throw an UnreadableItem if the record under that id cannot be read.
 */
export interface Ledger {
  /** Stores a record under a new id. */
  create(record: AvatarRecord): Promise<CreateResult>;
  /** Stores `next` if the ledger still holds the version that `next` was made from. */
  replace(next: AvatarRecord): Promise<ReplaceResult>;
  get(id: string): Promise<AvatarRecord | undefined>;
}

/** The records with work left to do. May lag behind the ledger. Leaves out those that cannot be read. */
export interface OpenRecords {
  /**
   * The records that are due, the longest due first. Fewer than `limit` only if no more are due.
   *
   * @param query `now` in milliseconds since the epoch; at most `limit` records, all of them behind `after`
   */
  due(state: OpenState, query: DueQuery): Promise<AvatarRecord[]>;
}

/** How many records are due before a record. */
export interface Position {
  readonly ahead: number;
  /** Whether there may be more, because not all of them were counted. */
  readonly isAtLeast: boolean;
}

/** Counts the records with the same work left that are due before a record. May lag behind the ledger. */
export interface OpenPosition {
  /** `undefined` if no work is left. */
  positionOf(record: Pick<AvatarRecord, 'open' | 'dueAt'>): Promise<Position | undefined>;
}

/** Reads all open records at once. May lag behind the ledger. Leaves out those that cannot be read. */
export interface AllOpenRecords {
  /** All records with work left to do, due or not, or `undefined` if there are about `limit` or more. */
  allOpen(limit: number): Promise<AvatarRecord[] | undefined>;
}

/** Finds a record by its age. Leaves out those that cannot be read. May lag behind the ledger. */
export interface OldestRecord {
  /** The record with this status that was created first, if there is one. */
  oldest(status: Status): Promise<AvatarRecord | undefined>;
}

export interface DueQuery {
  readonly now: number;
  readonly limit: number;
  /** The last record of the page before. @default - from the longest due */
  readonly after?: Pick<AvatarRecord, 'id' | 'dueAt'> | undefined;
}

/** Where a page of a list ends. */
export interface ListPosition {
  readonly createdAt: string;
  readonly id: string;
}

export interface ListQuery {
  readonly status?: Status | undefined;
  /** Only records of this caller, exactly as recorded. */
  readonly caller?: string | undefined;
  /** At most this many records. */
  readonly limit: number;
  /** Only records after this one. */
  readonly after?: ListPosition | undefined;
}

export interface RecordList {
  /** Newest first, without those that cannot be read. */
  list(query: ListQuery): Promise<{ readonly records: AvatarRecord[]; readonly next?: ListPosition }>;
}

/** The paid POST and nothing else: called at most once for each claim. Never throws. */
export interface PaidApi {
  /** A call will likely follow within a second: its connection is opened meanwhile, and nothing is sent. */
  expectCall(): void;
  generate(
    request: PhotoAvatarRequest,
    options: {
      readonly apiKey: string;
      readonly timeoutMs: number;
      /** For the log. */
      readonly recordId: string;
      readonly correlationId?: string | undefined;
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
  /** The key as read at most five minutes ago. */
  current(): Promise<ApiKeyState>;
  /** The key, read now. */
  refreshed(): Promise<ApiKeyState>;
}

/** What JoggAI says of a generation. */
export type GenerationStatus =
  | { readonly kind: 'running' }
  | { readonly kind: 'succeeded'; readonly images: readonly Pick<AvatarImage, 'url' | 'key'>[] }
  | { readonly kind: 'failed'; readonly message: string }
  /** No answer, or none about this generation. */
  | { readonly kind: 'unavailable'; readonly cause: string };

/** JoggAI's free reads. They never throw. */
export interface FreeApi {
  generationStatus(photoId: string, apiKey: string): Promise<GenerationStatus>;
  /** Credits left, or `undefined` if JoggAI did not say. */
  creditsLeft(apiKey: string): Promise<number | undefined>;
}

export type CopyResult =
  | { readonly kind: 'copied'; readonly copy: NonNullable<AvatarImage['copy']> }
  /** Permanent failure: do not retry. The host, the type or the size is not allowed. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Temporary failure: retry later. */
  | { readonly kind: 'failed'; readonly reason: string };

/** The copies of images in the stack's bucket. */
export interface ImageStore {
  /**
   * Copies an image. Never throws.
   *
   * @param name of the copy, without a file extension
   */
  copy(url: string, name: string): Promise<CopyResult>;
  /**
   * Deletes every copy whose name begins like this, in all its versions.
   *
   * @throws if it is not certain that none is left
   */
  deleteAll(prefix: string): Promise<void>;
}

/** Signs a short-lived link to the copy of an image. Any holder of the link can read the copy. */
export type SignImageLink = (key: string) => Promise<string>;

/** Publishes events, each at least once: receivers compare `id` and `version`. */
export interface EventPublisher {
  /** @throws if it is not certain that the event was accepted */
  recordEnded(record: AvatarRecord): Promise<void>;
  /** @throws if it is not certain that the event was accepted */
  accountChanged(change: AccountChange): Promise<void>;
}

export type AccountChange =
  | { readonly kind: 'blocked'; readonly reason: string; readonly since: number }
  | { readonly kind: 'unblocked'; readonly since: number; readonly at: number };
