import { writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { readRequests } from '../../cli/batch/read-requests.ts';
import { csvCell } from '../../cli/batch/results.ts';
import { CommandError } from '../../cli/exit-codes.ts';
import { scratchFolder } from '../support/cli.ts';
import { AVATAR, FULL_AVATAR } from '../support/requests.ts';

const folder = scratchFolder();
afterAll(() => folder.remove());

const HEADING = 'age,avatar_style,gender,model,aspect_ratio';
const ROW = 'Adult,Professional,Female,modern,portrait';

const givenFile = (name: string, content: string | Buffer): string => {
  const file = folder.in(name);
  writeFileSync(file, content);
  return file;
};

const read = (content: string | Buffer, name = 'requests.csv', batch?: string) =>
  readRequests(givenFile(name, content), batch);

const errorsOf = async (content: string | Buffer, name?: string): Promise<string[]> => {
  const error = await read(content, name).catch((thrown: unknown) => thrown);
  if (!(error instanceof CommandError)) throw new Error('The file was accepted.');
  expect(error.exitCode).toBe(2);
  return error.errors.map(({ line, field, message }) => `${line} ${field}: ${message}`);
};

const keysOf = async (...input: Parameters<typeof read>) => (await read(...input)).rows.map(({ key }) => key);

describe('a CSV file', () => {
  it('may have a byte order mark, CRLF, empty lines, quoted line breaks, and empty cells', async () => {
    const text = `\ufeff${HEADING},appearance,ethnicity\r\n\r\n${ROW},"Short hair,\r\n""green"" jacket",\r\n${ROW},,African\r\n`;
    const { rows } = await read(text);
    expect(rows.map(({ line, request }) => ({ line, request }))).toEqual([
      { line: 3, request: { ...AVATAR, appearance: 'Short hair,\r\n"green" jacket' } },
      { line: 5, request: { ...AVATAR, ethnicity: 'African' } },
    ]);
  });

  it('with several errors is refused with all of them, by line and column', async () => {
    const text = `${HEADING},image_url\n${ROW},\nAdult,Professional,Femal,modern,portrait,\n\n${ROW},x\n,Social,Male,classic,square,\n${ROW}\n`;
    expect(await errorsOf(text)).toEqual([
      '3 gender: must be one of "Female", "Male". Did you mean "Female"?',
      '5 image_url: must be an http or https URL.',
      '6 age: is required and must be one of "Teenager", "Young adult", "Adult", "Elderly"',
      '7 CSV: has 5 cells, but the heading has 6',
    ]);
  });

  it('with an unknown column is refused with the closest name', async () => {
    const [error] = await errorsOf(`${HEADING},apperance\n${ROW},x`);
    expect(error).toMatch(/^1 apperance: .*Did you mean "appearance"\?/);
    const [unnamed] = await errorsOf(`${HEADING},\n${ROW},x`);
    expect(unnamed).toMatch(/^1 column 6: /);
  });

  it('with a column that occurs twice is refused: one of the two would be paid for without effect', async () => {
    expect(await errorsOf(`${HEADING},age\n${ROW},Adult`)).toEqual(['1 age: occurs twice']);
  });

  it('with a quote that is not closed is refused with the line of its row', async () => {
    const [error] = await errorsOf(`${HEADING},appearance\n${ROW},x\n${ROW},"open\n${ROW},y\n`);
    expect(error).toMatch(/^3 CSV: .*not closed/);
    const [within] = await errorsOf(`${HEADING},appearance\n${ROW},a"b\n`);
    expect(within).toMatch(/^2 CSV: .*twice/);
  });

  it('that is not UTF-8, is empty, or has another ending is refused', async () => {
    const latin = Buffer.from(`${HEADING},appearance\n${ROW},Grün`, 'latin1');
    await expect(read(latin)).rejects.toThrow('UTF-8');
    await expect(read(`${HEADING}\n`)).rejects.toThrow('no requests');
    expect(await errorsOf('')).toEqual(['1 CSV: the file is empty']);
    await expect(read('', 'requests.txt')).rejects.toThrow('.csv or .jsonl');
    await expect(readRequests(folder.in('missing.csv'))).rejects.toThrow('ENOENT');
  });
});

describe('a JSONL file', () => {
  it('has a request on each line, with its key if wanted', async () => {
    const { rows } = await read(
      `${JSON.stringify({ ...FULL_AVATAR, idempotency_key: 'mine' })}\n\n${JSON.stringify(AVATAR)}\n`,
      'requests.jsonl',
    );
    expect(rows).toMatchObject([
      { line: 1, key: 'mine', request: FULL_AVATAR },
      { line: 3, request: AVATAR },
    ]);
  });

  it('is refused for text that is not JSON, names that occur twice or are unknown, and values of another type', async () => {
    const text = `{"age":\n{"age":"Adult","age":"Elderly"}\n${JSON.stringify({ ...AVATAR, agee: 1 })}\n[]\n`;
    expect(await errorsOf(text, 'requests.jsonl')).toEqual([
      '1 JSON: the line is not a JSON object',
      '2 age: occurs twice',
      expect.stringMatching(/^3 agee: .*Did you mean "age"\?/),
      expect.stringMatching(/^4 body: must be a JSON object/),
    ]);
  });
});

describe('the keys', () => {
  const text = `${HEADING}\n${ROW}\n${ROW}\nElderly,Social,Male,classic,square\n`;

  it('are the same in every run, and differ between rows, also between equal ones', async () => {
    const keys = await keysOf(text);
    expect(new Set(keys).size).toBe(3);
    expect(await keysOf(text)).toEqual(keys);
  });

  it('stay with their requests when rows move, columns are reordered, or the format changes', async () => {
    const keys = await keysOf(text, 'requests.csv', 'avatars');
    const moved = `aspect_ratio,model,gender,avatar_style,age\nsquare,classic,Male,Social,Elderly\n${'portrait,modern,Female,Professional,Adult\n'.repeat(2)}`;
    expect((await keysOf(moved, 'moved.csv', 'avatars')).toSorted()).toEqual(keys.toSorted());
    const json = `${JSON.stringify(AVATAR)}\n${JSON.stringify(AVATAR)}\n`;
    expect(await keysOf(json, 'requests.jsonl', 'avatars')).toEqual(keys.slice(0, 2));
  });

  it('differ between batches, so that the same requests can be made once more', async () => {
    const keys = await keysOf(text);
    expect((await keysOf(text, 'again.csv')).some((key) => keys.includes(key))).toBe(false);
  });

  it('are refused if two rows have the same, or if one cannot travel in a header', async () => {
    const keyed = `${HEADING},idempotency_key\n${ROW},a\n${ROW},b\n${ROW},a\n${ROW},c d\n`;
    expect(await errorsOf(keyed)).toEqual([
      '4 idempotency_key: is the key of line 2, too',
      '5 idempotency_key: must be visible ASCII characters without spaces',
    ]);
  });
});

it('a cell of the results that a spreadsheet would run is neutralized', () => {
  expect(['=1+1', '+x', '-x', '@x', '\tx', 'a"b', 7, -7, ['u1', 'u2']].map(csvCell)).toEqual([
    "'=1+1",
    "'+x",
    "'-x",
    "'@x",
    "'\tx",
    '"a""b"',
    '7',
    '-7',
    'u1 u2',
  ]);
});
