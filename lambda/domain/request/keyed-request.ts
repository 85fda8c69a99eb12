import * as z from 'zod/mini';
import { type FieldError, type PhotoAvatarRequest, readRequest } from './contract.ts';

/** Where there are no headers, the idempotency key is a field beside the request's fields. */
export const IDEMPOTENCY_KEY_FIELD = 'idempotency_key';

/** Maximum length of an idempotency key, in characters. */
export const IDEMPOTENCY_KEY_LIMIT = 255;

const idempotencyKey = z.optional(z.string().check(z.minLength(1), z.maxLength(IDEMPOTENCY_KEY_LIMIT)));

const keyedObject = z.looseObject({ [IDEMPOTENCY_KEY_FIELD]: z.unknown() });

export type ReadKeyedRequest =
  | { readonly kind: 'valid'; readonly request: PhotoAvatarRequest; readonly key?: string | undefined }
  | { readonly kind: 'invalid'; readonly errors: readonly FieldError[] };

/** Validates a request that may contain its idempotency key, and reports all errors at once. */
export const readKeyedRequest = (value: unknown): ReadKeyedRequest => {
  const keyed = keyedObject.safeParse(value);
  const { [IDEMPOTENCY_KEY_FIELD]: given, ...fields } = keyed.data ?? {};
  const key = idempotencyKey.safeParse(given);
  const read = readRequest(keyed.success ? fields : value);
  const errors = [
    ...(read.kind === 'invalid' ? read.errors : []),
    ...(key.success
      ? []
      : [
          {
            field: IDEMPOTENCY_KEY_FIELD,
            message: `must be text of 1 to ${IDEMPOTENCY_KEY_LIMIT} characters`,
          },
        ]),
  ];
  return read.kind === 'valid' && key.success
    ? { kind: 'valid', request: read.request, key: key.data }
    : { kind: 'invalid', errors };
};
