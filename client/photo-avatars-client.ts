import type { PhotoAvatarRequest } from '../lambda/domain/request/contract.ts';
import type { ResolutionRequest } from '../lambda/http/resolution-request.ts';
import type { AccountBody, DryRun, RecordView } from '../lambda/views/schemas.ts';
import type { Auth } from './authorize.ts';
import type { Timing } from './timing.ts';
import type { WaitOptions } from './wait-for.ts';

export interface ClientOptions {
  /** The stack's output `ApiUrl`, or http://127.0.0.1:3000 for `npm start`. */
  readonly url: string;
  /** @default - none, for `npm start` */
  readonly auth?: Auth | undefined;
  /** Repeats after the first attempt. 0: none. @default 4 */
  readonly maxRetries?: number | undefined;
  /** Time limit of one attempt, in milliseconds: longer than API Gateway's 30 s. @default 35_000 */
  readonly attemptTimeoutMs?: number | undefined;
  /** The longest `Retry-After` that is waited for before a repeat, in milliseconds. @default 120_000 */
  readonly maxRetryAfterMs?: number | undefined;
  /** @default - the global one */
  readonly fetch?: typeof fetch | undefined;
  /** The clock and the pauses, for tests. */
  readonly timing?: Timing | undefined;
}

export interface CallOptions {
  /** Ends the call with an AbortError. What was sent continues at the service. */
  readonly signal?: AbortSignal | undefined;
}

export interface SubmitOptions extends CallOptions {
  /**
   * 1 to 255 visible ASCII characters. Choose it where the request arises, and store it before the call: the same
   * request with the same key is paid at most once, also from another process.
   * @default - a new key for this call
   */
  readonly idempotencyKey?: string | undefined;
  /** Answers when the request is recorded, without waiting for JoggAI. @default false */
  readonly respondAsync?: boolean | undefined;
}

export interface Submitted {
  /** As it is now. A replayed one may have any status. */
  readonly record: RecordView;
  readonly idempotencyKey: string;
  /** The key had a record already: of an earlier call, or of an attempt of this one whose answer got lost. */
  readonly replayed: boolean;
}

export interface ListQuery extends CallOptions {
  readonly status?: RecordView['status'] | undefined;
  /** The `caller` of a record, exactly as the record shows it. */
  readonly caller?: string | undefined;
  /** Records of one page: 1 to 100. @default 20 */
  readonly pageSize?: number | undefined;
}

export interface Page {
  /** Newest first. May be empty although there is a next page. */
  readonly items: readonly RecordView[];
  /** Absent on the last page. */
  readonly nextCursor: string | undefined;
}

export interface Downloaded {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
}

/** The service, over its HTTP API. Every method throws PhotoAvatarsError. */
export interface PhotoAvatarsClient {
  /** Requests an avatar. Resolves when JoggAI accepted it, or when it is queued. */
  submit(request: PhotoAvatarRequest, options?: SubmitOptions): Promise<Submitted>;
  /** Everything but the paid call: validation, the API key, the state of the account. */
  dryRun(request: PhotoAvatarRequest, options?: CallOptions): Promise<DryRun>;
  /** The record, with links to the copies of its images. Reads that of another caller, too, where the role allows it. */
  get(id: string, options?: CallOptions): Promise<RecordView>;
  /** Reads the record until its request has ended, also in doubt. It never cancels. @throws WaitTimeoutError */
  waitFor(id: string, options?: WaitOptions): Promise<RecordView>;
  /** All records, newest first, page by page as they are consumed. */
  list(query?: ListQuery): AsyncIterableIterator<RecordView>;
  listPage(query?: ListQuery & { readonly cursor?: string | undefined }): Promise<Page>;
  /** Settles a failed request, or one in doubt. `version` is that of the record that the person saw. */
  resolve(id: string, decision: ResolutionRequest, options?: CallOptions): Promise<RecordView>;
  /** Takes a queued request back. That of another caller, too, where the role allows it. */
  cancel(id: string, options?: CallOptions): Promise<RecordView>;
  /** Asks JoggAI again about a request that it accepted. It costs nothing. */
  refresh(id: string, options?: CallOptions): Promise<RecordView>;
  /** Erases the request and the images of a record that has ended. `erased_at` appears when the copies are gone. */
  erase(id: string, options?: CallOptions): Promise<RecordView>;
  account(options?: CallOptions): Promise<AccountBody>;
  /** Stops all paid calls until `resume`. */
  pause(options?: CallOptions): Promise<AccountBody>;
  resume(options?: CallOptions): Promise<AccountBody>;
  /** The kept copy of an image. An expired link is replaced. */
  download(image: NonNullable<RecordView['images']>[number], options?: CallOptions): Promise<Downloaded>;
}
