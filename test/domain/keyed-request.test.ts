import { describe, expect, it } from 'vitest';
import { IDEMPOTENCY_KEY_LIMIT, readKeyedRequest } from '../../lambda/domain/keyed-request.ts';
import { AVATAR, FULL_AVATAR } from '../support/requests.ts';

describe('a request with its idempotency key beside its fields', () => {
  it('is read as both', () => {
    expect(readKeyedRequest({ ...FULL_AVATAR, idempotency_key: 'order-1' })).toEqual({
      kind: 'valid',
      request: FULL_AVATAR,
      key: 'order-1',
    });
  });

  it('may come without one', () => {
    expect(readKeyedRequest(AVATAR)).toEqual({ kind: 'valid', request: AVATAR, key: undefined });
  });

  it.each([[''], [7], [null], [{}], ['x'.repeat(IDEMPOTENCY_KEY_LIMIT + 1)]])(
    'is told that %j is no key, beside everything else that is wrong',
    (idempotency_key) => {
      const read = readKeyedRequest({ ...AVATAR, age: undefined, idempotency_key });
      expect(read).toMatchObject({ kind: 'invalid' });
      if (read.kind === 'invalid')
        expect(read.errors.map(({ field }) => field).sort()).toEqual(['age', 'idempotency_key']);
    },
  );

  it.each([[null], ['text'], [[]], [undefined]])('that is %j is refused as a whole', (value) => {
    expect(readKeyedRequest(value)).toMatchObject({ kind: 'invalid', errors: [{ field: 'body' }] });
  });
});
