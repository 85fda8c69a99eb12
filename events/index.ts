/**
 * `photo-avatars/events`: the names and types of the service's events, and checks of both kinds. It needs neither AWS
 * nor the CDK.
 */
import type { FieldError } from '../lambda/domain/request/contract.ts';
import { readEventRequest, SERVICE_FIELD } from '../lambda/domain/request/keyed-request.ts';
import { type PhotoAvatarEvent, PUBLISHED_EVENTS } from '../lambda/shared/event-schemas.ts';

export type { FieldError, PhotoAvatarRequest } from '../lambda/domain/request/contract.ts';
export {
  ACCOUNT_DETAIL_TYPES,
  ENDED_DETAIL_TYPES,
  EVENT_SCHEMA_VERSION,
  EVENT_SOURCE,
  REQUEST_DETAIL_TYPE,
} from '../lambda/shared/event-names.ts';
export type {
  AccountEvent,
  PhotoAvatarEndedEvent,
  PhotoAvatarEvent,
} from '../lambda/shared/event-schemas.ts';
export type { RequestDetail } from './request-event.ts';

/**
 * What is wrong with the `detail` of an event that requests a photo avatar: nothing, if the service would accept it.
 * Check it before you put the event: the service records an invalid one as rejected, and no sender gets an answer.
 */
export const validateRequestDetail = (detail: unknown): readonly FieldError[] => {
  const service: unknown = Object(detail)[SERVICE_FIELD];
  if (service !== undefined && typeof service !== 'string') {
    return [{ field: SERVICE_FIELD, message: 'must be text: the name of the service that the event is for' }];
  }
  const read = readEventRequest(detail, service ?? '');
  return read.kind === 'invalid' ? read.errors : [];
};

/**
 * Whether EventBridge delivered an event of the service, in the schema version of this package. Its `detail-type` then
 * tells TypeScript which one.
 */
export const isPhotoAvatarEvent = (event: unknown): event is PhotoAvatarEvent =>
  Object.values(PUBLISHED_EVENTS).some((known) => known.safeParse(event).success);
