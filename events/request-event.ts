import * as z from 'zod/mini';
import { photoAvatarRequest } from '../lambda/domain/request/contract.ts';
import {
  CORRELATION_ID_FIELD,
  correlationId,
  IDEMPOTENCY_KEY_FIELD,
  idempotencyKey,
  SERVICE_FIELD,
} from '../lambda/domain/request/keyed-request.ts';
import { REQUEST_DETAIL_TYPE } from '../lambda/shared/event-names.ts';
import { eventOf } from '../lambda/shared/event-schemas.ts';

/** A request, and what an event may carry beside its fields. */
export const requestDetail = z.strictObject({
  ...photoAvatarRequest.shape,
  [IDEMPOTENCY_KEY_FIELD]: idempotencyKey.check(
    z.describe('Events of one source with the same key are one request. Without it: the id of the event.'),
  ),
  [CORRELATION_ID_FIELD]: correlationId.check(
    z.describe('The id by which the logs find the request. Without it: the id of the event.'),
  ),
  [SERVICE_FIELD]: z.optional(
    z.string().check(z.describe('The deployment that it is for: its output ServiceName.')),
  ),
});

/** The event that requests a photo avatar. */
export const requestEvent = eventOf(z.string(), REQUEST_DETAIL_TYPE, requestDetail);

/** The `detail` of an event that requests a photo avatar. */
export type RequestDetail = z.infer<typeof requestDetail>;
