import { describe, expect, it } from 'vitest';
import { readJsonText } from '../../lambda/shared/parse-json.ts';

describe('JSON text', () => {
  it.each([
    ['{"a":1,"b":{"a":2},"c":[{"a":3},{"a":4}]}'],
    ['{"a":"a","b":"\\"a\\":1,\\"a\\":2"}'],
    ['{"a":"{","b":"}","c":"[\\\\"}'],
    ['[]'],
    ['"a"'],
    ['null'],
    ['{}'],
  ])('without a repeated name, %s, is its value', (text) => {
    expect(readJsonText(text)).toEqual({ value: JSON.parse(text) });
  });

  it.each([
    ['{"age":"Adult","age":"Elderly"}', 'age'],
    ['{"age" : 1, "gender":2, "age"\n:3}', 'age'],
    ['{"age":1,"\\u0061ge":2}', 'age'],
    ['{"detail":{"a":1,"b":[{"c":1,"c":2}]}}', 'c'],
    ['{"a\\"b":1,"x":"a\\"b","a\\"b":2}', 'a"b'],
    ['{"":1,"":2}', ''],
    ['{"__proto__":1,"__proto__":2}', '__proto__'],
  ])('with a repeated name, %s, says which', (text, name) => {
    expect(readJsonText(text)?.repeated).toBe(name);
  });

  it.each([[''], ['{'], ['{"a":1,}'], ['\\'], ['{"a":1,"a":2']])('that is not JSON, %j, is none', (text) => {
    expect(readJsonText(text)).toBeUndefined();
  });

  it('of the size of a whole message is read, however deep it is and however many escapes it has', () => {
    const size = 1_000_000;
    for (const text of [
      '['.repeat(size / 2) + ']'.repeat(size / 2),
      `${'{"a":'.repeat(size / 6)}1${'}'.repeat(size / 6)}`,
      JSON.stringify({ a: '\\"'.repeat(size / 4) }),
      JSON.stringify({ a: 'x'.repeat(size) }),
    ]) {
      expect(readJsonText(text)).toMatchObject({ repeated: undefined });
    }
  });
});
