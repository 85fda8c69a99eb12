import { describe, expect, it } from 'vitest';
import { IDEMPOTENCY_KEY_LIMIT, readKeyedRequest } from '../../lambda/domain/request/keyed-request.ts';
import { AVATAR, FULL_AVATAR } from '../support/requests.ts';

describe('a request with its idempotency key beside its fields', () => {
  it('is read as a request and a key', () => {
    expect(readKeyedRequest({ ...FULL_AVATAR, idempotency_key: 'order-1' })).toEqual({
      kind: 'valid',
      request: FULL_AVATAR,
      key: 'order-1',
    });
  });

  it('may have no key', () => {
    expect(readKeyedRequest(AVATAR)).toEqual({ kind: 'valid', request: AVATAR, key: undefined });
  });

  it.each([[''], [7], [null], [{}], ['x'.repeat(IDEMPOTENCY_KEY_LIMIT + 1)]])(
    'reports that %j is not a key, together with all other errors',
    (idempotency_key) => {
      const read = readKeyedRequest({ ...AVATAR, age: undefined, idempotency_key });
      expect(read).toMatchObject({ kind: 'invalid' });
      if (read.kind === 'invalid')
        expect(read.errors.map(({ field }) => field).sort()).toEqual(['age', 'idempotency_key']);
    },
  );

  it.each([[null], ['text'], [[]], [undefined]])('that is %j has one error for the body', (value) => {
    expect(readKeyedRequest(value)).toMatchObject({ kind: 'invalid', errors: [{ field: 'body' }] });
  });
});
