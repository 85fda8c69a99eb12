import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PhotoAvatarRequest, photoAvatarRequest } from '../../lambda/domain/request/contract.ts';
import {
  ID_PATTERN,
  keyedId,
  keyFingerprint,
  requestHash,
  timeOrderedId,
} from '../../lambda/domain/request/identity.ts';
import { AVATAR, FULL_AVATAR } from '../support/requests.ts';

describe('the id of an idempotency key', () => {
  it('is the same for the same key of the same caller, in every release', () => {
    expect(keyedId('http:arn:aws:iam::000000000000:user/one', 'order-1')).toBe(
      '6ab454d7-fd05-86e0-9da5-e11b38bb0723',
    );
  });

  it('is a UUID of version 8 for any caller and key', () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ unit: 'binary' }), (namespace, key) => {
        const id = keyedId(namespace, key);
        expect(id).toMatch(ID_PATTERN);
        expect(id[14]).toBe('8');
        expect(keyedId(namespace, key)).toBe(id);
      }),
    );
  });

  it('differs for every other pair of caller and key, even if their concatenations are equal', () => {
    const pair = fc.tuple(fc.string({ maxLength: 4 }), fc.string({ maxLength: 4 }));
    fc.assert(
      fc.property(pair, pair, ([namespace, key], [otherNamespace, otherKey]) => {
        fc.pre(namespace !== otherNamespace || key !== otherKey);
        expect(keyedId(namespace, key)).not.toBe(keyedId(otherNamespace, otherKey));
      }),
    );
    expect(keyedId('ab', 'c')).not.toBe(keyedId('a', 'bc'));
    expect(keyedId('a","b', 'c')).not.toBe(keyedId('a', 'b","c'));
  });
});

describe('the id of a request without a key', () => {
  it('is a UUID of version 7 that starts with its time', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), (now) => {
        const id = timeOrderedId(now);
        expect(id).toMatch(ID_PATTERN);
        expect(id[14]).toBe('7');
        expect(Number.parseInt(id.replace('-', '').slice(0, 12), 16)).toBe(now);
      }),
    );
  });

  it('sorts by time and is unique', () => {
    const ids = Array.from({ length: 1_000 }, (_, index) => timeOrderedId(1_800_000_000_000 + index));
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(Array.from({ length: 1_000 }, () => timeOrderedId(0))).size).toBe(1_000);
  });
});

describe('the hash of a request', () => {
  it('does not depend on the order of the fields', () => {
    const fields = Object.entries(FULL_AVATAR);
    const reordered = fc.shuffledSubarray(fields, { minLength: fields.length });
    fc.assert(
      fc.property(reordered, (entries) => {
        const request = photoAvatarRequest.parse(Object.fromEntries(entries));
        // zod returns the fields in the order of the schema. The hash must accept any order.
        const shuffled: PhotoAvatarRequest = Object.assign(
          {},
          ...entries.map(([name, value]) => ({ [name]: value })),
        );
        expect(requestHash(shuffled)).toBe(requestHash(FULL_AVATAR));
        expect(requestHash(request)).toBe(requestHash(FULL_AVATAR));
      }),
    );
  });

  it('depends on every field', () => {
    const others: PhotoAvatarRequest[] = [
      { ...FULL_AVATAR, age: 'Elderly' },
      { ...FULL_AVATAR, avatar_style: 'Social' },
      { ...FULL_AVATAR, gender: 'Male' },
      { ...FULL_AVATAR, model: 'classic' },
      { ...FULL_AVATAR, aspect_ratio: 'square' },
      { ...FULL_AVATAR, ethnicity: 'African' },
      { ...FULL_AVATAR, background: 'A garden' },
      { ...FULL_AVATAR, appearance: 'A hat' },
      { ...FULL_AVATAR, image_url: 'https://example.com/other.png' },
      { ...FULL_AVATAR, background: FULL_AVATAR.appearance, appearance: FULL_AVATAR.background },
      AVATAR,
      FULL_AVATAR,
    ];
    expect(new Set(others.map(requestHash)).size).toBe(others.length);
  });
});

describe('the fingerprint of an API key', () => {
  it('differs between keys and reveals nothing of them', () => {
    expect(keyFingerprint('key-one')).toMatch(/^[0-9a-f]{16}$/);
    expect(keyFingerprint('key-one')).not.toBe(keyFingerprint('key-two'));
    expect(keyFingerprint('key-one')).toBe(keyFingerprint('key-one'));
  });
});
