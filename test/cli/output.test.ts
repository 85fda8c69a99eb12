import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { printable, tableOf, widthOf } from '../../cli/table.ts';
import { listen, type RunningServer, sendJson } from '../../local/server.ts';
import { documentIn, REQUEST_OPTIONS, runCli, startCli } from '../support/cli.ts';

const record = (id: string, caller: string) => ({
  id,
  version: 2,
  status: 'rejected',
  charged: 'no',
  request: { appearance: 'x'.repeat(2_000) },
  source: 'http',
  caller,
  attempts: 1,
  created_at: '2026-11-26T10:00:00.000Z',
  updated_at: '2026-11-26T10:00:00.000Z',
  history: [],
});

const COUNT = 500;

/** A service with more records than a pipe holds, some with texts that would control a terminal. */
let service: RunningServer;
beforeAll(async () => {
  service = await listen(
    createServer((_request, response) => {
      const items = Array.from({ length: COUNT }, (_, at) => record(`id-${at}`, 'a/\u001b[31mred\u202e'));
      sendJson(response, 200, { items });
    }),
  );
});
afterAll(() => service.close());

const LIST = ['list', '--limit', String(COUNT), '--url'];

describe('standard output', () => {
  it('has one whole document of more than 1 MB, also through a pipe', async () => {
    const end = await runCli([...LIST, service.url, '--json']);
    expect(end.code).toBe(0);
    expect(end.stdout.length).toBeGreaterThan(1_000_000);
    expect(documentIn(end)).toHaveLength(COUNT);
  });

  it('may be closed by its reader: that is no error', async () => {
    const { child, end } = startCli([...LIST, service.url, '--json']);
    const closed = end.catch((error: unknown) => error);
    await once(child.stdout, 'data');
    child.stdout.destroy();
    await once(child, 'exit');
    expect(child.exitCode).toBe(0);
    await closed;
  });

  it('has no colours without a terminal, and no characters of others that control one', async () => {
    const { stdout } = await runCli([...LIST, service.url]);
    expect(stdout.split('\n')).toHaveLength(COUNT + 2);
    expect(stdout).toContain('red');
    expect(stdout).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
  });

  it('stays empty for an error, which is on standard error', async () => {
    const end = await runCli(['list', '--url', 'ftp://example.com']);
    expect(end).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/^Error: --url/) });
  });
});

describe('a wrong command line', () => {
  it.each([
    [['lisst'], 'Did you mean list?'],
    [['list', '--limt', '3'], 'Did you mean --limit?'],
    [['list', '--status', 'in-doubt', '--local'], 'Did you mean "in_doubt"?'],
    [['submit', ...REQUEST_OPTIONS, '--ethnicity', 'Est Asian', '--local'], 'Did you mean "East Asian"?'],
    [['submit', '--age', 'adult', '--local'], 'did you mean "Adult"?'],
    [['list', '--limit', '0', '--local'], '--limit'],
    [['show', '--wait', '01934b5e-8000-7000-8000-000000000000', '--local'], "missing required argument 'id'"],
    [['submit', ...REQUEST_OPTIONS, '--wait=soon', '--local'], 'is not a duration'],
    [['list'], '--stack NAME'],
    [['list', '--local', '--url', 'http://127.0.0.1:9'], '--stack NAME'],
    [['list', '--url', 'http://photo-avatars.example.com'], 'https://'],
    [[], ''],
  ])('ends with 2 and says what was meant, before anything is sent: %j', async (args, hint) => {
    // Port 1 is closed: whatever is sent ends with another code.
    const end = await runCli(args, { env: { PORT: '1' } });
    expect(end).toMatchObject({ code: 2, stdout: '' });
    expect(end.stderr).toContain(hint);
  });

  it('is one document with --json, too', async () => {
    const end = await runCli(['list', '--limt', '3', '--json']);
    expect(end).toMatchObject({ code: 2, stderr: '' });
    expect(documentIn(end).error).toMatchObject({ type: 'usage', charged: 'no' });
  });

  it('names every option that is missing or wrong at once', async () => {
    const { stdout } = await runCli(['submit', '--age', 'Old', '--image-url', 'x', '--local', '--json']);
    expect(
      JSON.parse(stdout)
        .error.errors.map(({ field }: { field: string }) => field)
        .sort(),
    ).toEqual(['--age', '--gender', '--image-url', '--model', '--ratio', '--style']);
  });
});

describe('help', () => {
  it('begins with examples, and has the values of the contract', async () => {
    const all = await runCli(['--help']);
    expect(all).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^Examples:\n/) });
    const submit = await runCli(['submit', '--help']);
    expect(submit.stdout.replace(/\s+/g, ' ')).toContain(
      '--age <value> Age group. "Teenager", "Young adult", "Adult"',
    );
    expect(await runCli(['--version'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });
});

describe('a table', () => {
  it('aligns wide characters and emoji', () => {
    const [heading = '', ...rows] = tableOf(
      ['name', 'x'],
      [
        ['日本語', '1'],
        ['👩🏽‍💻', '2'],
        ['é', '3'],
      ],
    );
    for (const row of rows) expect(widthOf(row)).toBe(widthOf(heading));
  });

  it('shows texts of others on one line', () => {
    expect(printable('a\nb\u0007\u001b[2Jc')).toBe('a b [2Jc');
  });
});
