/** `photo-avatars/client`: the HTTP API for programs on Node and in browsers. */
export type { PhotoAvatarRequest } from '../lambda/domain/request/contract.ts';
export type { ProblemName } from '../lambda/http/problem.ts';
export type { ResolutionRequest } from '../lambda/http/resolution-request.ts';
export type { AccountBody, DryRun, RecordView } from '../lambda/views/schemas.ts';
export type { Auth, AwsCredentials } from './authorize.ts';
export { createClient } from './client.ts';
export {
  AbortError,
  type Charged,
  isPhotoAvatarsError,
  isProblem,
  isWaitTimeout,
  PhotoAvatarsError,
  WaitTimeoutError,
} from './errors.ts';
export { newIdempotencyKey } from './idempotency-key.ts';
export type {
  CallOptions,
  ClientOptions,
  Downloaded,
  ListQuery,
  Page,
  PhotoAvatarsClient,
  SubmitOptions,
  Submitted,
} from './photo-avatars-client.ts';
export type { Timing } from './timing.ts';
export { hasEnded, type WaitOptions } from './wait-for.ts';
