import { describe, expect, it } from 'vitest';
import { readRequest } from '../../lambda/domain/request/contract.ts';
import { readKeyedRequest } from '../../lambda/domain/request/keyed-request.ts';
import { AVATAR } from '../support/requests.ts';

const errorOf = (field: string, value: unknown) => {
  const read = readRequest({ ...AVATAR, [field]: value });
  if (read.kind === 'valid') return undefined;
  expect(read.errors.map((error) => error.field)).toEqual([field]);
  return read.errors[0]?.message;
};

/** What is left of text that was not UTF-8, or was cut in the middle of a character. */
const DAMAGED = ['caf\ufffd', '\ud83d', 'smile \ude00', '\ude00\ud83d'];

describe.each(['background', 'appearance'])('the free text %s', (field) => {
  it.each(DAMAGED)('that was damaged on its way, %j, is refused and not paid for', (text) => {
    expect(errorOf(field, text)).toContain('send the text again as UTF-8');
  });

  it.each(['café', '日本語', '😀', 'e\u0301', '\u00a0x'])('of whole characters, %j, is accepted', (text) => {
    expect(errorOf(field, text)).toBeUndefined();
  });
});

describe('an idempotency_key', () => {
  it.each(DAMAGED)('that was damaged, %j, is refused: it could be the same as another damaged one', (key) => {
    expect(readKeyedRequest({ ...AVATAR, idempotency_key: key })).toEqual({
      kind: 'invalid',
      errors: [{ field: 'idempotency_key', message: expect.stringContaining('UTF-8') }],
    });
  });
});

describe('image_url', () => {
  it.each([
    'https://x/a\tb',
    'https://x/a\rb',
    'https://x/a\nb',
    'ht\ntps://x/a',
    'https://x/ y',
    ' https://x/y',
    'https://x/y ',
    'https://x/y\n',
    'https://x/\u00a0y',
    'https://x/\u200by',
    'https://x/\u0000',
    'https://x\\y',
    'https:\\\\x/y',
    'https://x/\ufffd',
    'https://x/\ud83d',
    'http:///x',
    'http:x',
    'http:/x',
    'http://?x',
    'http://#x',
    'http://:80/',
    'http://user@/x',
    'http://[::1/',
  ])('that a URL parser would rewrite, or without a host, %j, is refused', (image_url) => {
    expect(errorOf('image_url', image_url)).toMatch(/^must /);
  });

  it('with a space says to percent-encode it', () => {
    expect(errorOf('image_url', 'https://x/ y')).toContain('percent-encode');
  });

  it.each([
    'https://x/y',
    'HTTPS://EXAMPLE.com:443/a/../b?x=%20#y',
    'https://example.com/é.png',
    'https://user:word@example.com/',
    'http://[::1]:8080/x',
    'https://example.com?x=1|2{3}',
  ])('is passed on exactly as it came in: %s', (image_url) => {
    expect(readRequest({ ...AVATAR, image_url })).toEqual({
      kind: 'valid',
      request: { ...AVATAR, image_url },
    });
  });
});
