import * as z from 'zod/mini';
import { type FieldError, type PhotoAvatarRequest, readRequest } from './contract.ts';
import { CORRELATION_ID, CORRELATION_ID_LIMIT } from './correlation.ts';
import { isIntact, NOT_INTACT } from './text.ts';

/** Where there are no headers, the idempotency key is a field beside the request's fields. */
export const IDEMPOTENCY_KEY_FIELD = 'idempotency_key';

/** Where there are no headers, the caller's id for the logs is a field, too. */
export const CORRELATION_ID_FIELD = 'correlation_id';

/** An event may name the service that it is for, as published events name theirs. */
export const SERVICE_FIELD = 'service';

/** Maximum length of an idempotency key, in characters. */
export const IDEMPOTENCY_KEY_LIMIT = 255;

const LENGTH = `must be text of 1 to ${IDEMPOTENCY_KEY_LIMIT} characters`;

// Two different keys that were damaged on their way may have become the same text.
export const idempotencyKey = z.optional(
  z
    .string(LENGTH)
    .check(
      z.minLength(1, LENGTH),
      z.maxLength(IDEMPOTENCY_KEY_LIMIT, LENGTH),
      z.refine(isIntact, NOT_INTACT),
    ),
);

const CORRELATION = `must be text of 1 to ${CORRELATION_ID_LIMIT} letters, digits and the characters _ . : = -`;

export const correlationId = z.optional(z.string(CORRELATION).check(z.regex(CORRELATION_ID, CORRELATION)));

const keyedObject = z.looseObject({
  [IDEMPOTENCY_KEY_FIELD]: z.optional(z.unknown()),
  [CORRELATION_ID_FIELD]: z.optional(z.unknown()),
});

const correlatedObject = z.object({ [CORRELATION_ID_FIELD]: correlationId });

const addressedObject = z.looseObject({ [SERVICE_FIELD]: z.unknown() });

export type ReadKeyedRequest =
  | {
      readonly kind: 'valid';
      readonly request: PhotoAvatarRequest;
      readonly key?: string | undefined;
      readonly correlationId?: string | undefined;
    }
  | { readonly kind: 'invalid'; readonly errors: readonly FieldError[] };

/** The valid `correlation_id` of a value, which need not be a valid request. */
export const correlationIdIn = (value: unknown): string | undefined =>
  correlatedObject.safeParse(value).data?.[CORRELATION_ID_FIELD];

/** Validates a request that may contain its idempotency key and its correlation id, and reports all errors at once. */
export const readKeyedRequest = (value: unknown): ReadKeyedRequest => {
  const keyed = keyedObject.safeParse(value);
  const { [IDEMPOTENCY_KEY_FIELD]: givenKey, [CORRELATION_ID_FIELD]: givenId, ...fields } = keyed.data ?? {};
  const key = idempotencyKey.safeParse(givenKey);
  const id = correlationId.safeParse(givenId);
  const read = readRequest(keyed.success ? fields : value);
  const errors = [
    ...(read.kind === 'invalid' ? read.errors : []),
    ...(key.error?.issues ?? []).map(({ message }) => ({ field: IDEMPOTENCY_KEY_FIELD, message })),
    ...(id.error?.issues ?? []).map(({ message }) => ({ field: CORRELATION_ID_FIELD, message })),
  ];
  return read.kind === 'valid' && key.success && id.success
    ? { kind: 'valid', request: read.request, key: key.data, correlationId: id.data }
    : { kind: 'invalid', errors };
};

/** Validates the request of an event, which may also name the service that it is for: another one is an error. */
export const readEventRequest = (value: unknown, serviceName: string): ReadKeyedRequest => {
  const addressed = addressedObject.safeParse(value);
  const { [SERVICE_FIELD]: addressee, ...fields } = addressed.data ?? {};
  const read = readKeyedRequest(addressed.success ? fields : value);
  if (addressee === undefined || addressee === serviceName) return read;
  const message = `must be "${serviceName}", the name of this service, or absent: an event for another service is not paid for here`;
  return {
    kind: 'invalid',
    errors: [...(read.kind === 'invalid' ? read.errors : []), { field: SERVICE_FIELD, message }],
  };
};
