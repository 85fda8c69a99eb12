import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HTTP_ALIAS, ROUTES } from '../../lambda/shared/routes.ts';
import { startHttpApi } from '../../local/emulators/http-api.ts';
import { documentIn, runCli, scratchFolder, startCli } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { AVATAR } from '../support/requests.ts';
import { type RunningService, startRunningService } from '../support/running-service.ts';

let running: RunningService;
const folder = scratchFolder();
beforeAll(async () => {
  running = await startRunningService();
});
beforeEach(() => running.reset());
afterAll(async () => {
  await running.close();
  folder.remove();
});

/** Distinct requests, so that their records can be told apart. */
const requestsOf = (...names: string[]) => names.map((appearance) => ({ ...AVATAR, appearance }));
const givenJsonl = (name: string, requests: readonly object[]): string => {
  const file = folder.in(name);
  writeFileSync(file, requests.map((request) => `${JSON.stringify(request)}\n`).join(''));
  return file;
};
const batch = (file: string, ...args: string[]) =>
  runCli(['batch', file, '--yes', '--json', '--url', running.service.url, ...args]);
const recordsOf = async (...names: string[]) =>
  (await running.records()).filter(({ request }) => names.includes(request?.appearance ?? ''));

describe('a batch', () => {
  it('is followed to its end: the results have ids, states and pictures, and the most serious code counts', async () => {
    running.simulator.control.configure({ generation: { durationMs: 0 } });
    const file = givenJsonl('mixed.jsonl', requestsOf('good', 'refused', 'lost'));
    const following = startCli(['batch', file, '--yes', '--json', '--url', running.service.url]);
    const all = () => recordsOf('good', 'refused', 'lost');
    await eventually(async () => expect(await all()).toHaveLength(3));
    running.simulator.control.addFault({ kind: 'code', code: 40000 });
    running.simulator.control.addFault({ kind: 'reset', when: 'after_charging' });
    await eventually(async () => {
      await running.service.triggerDispatch();
      for (const { id, status } of await all()) if (status === 'generating') await running.makeDue(id);
      const states = (await all()).map(({ status }) => status);
      expect(states.toSorted()).toEqual(['in_doubt', 'rejected', 'succeeded']);
    });
    const end = await following.end;
    expect(end.code).toBe(3);
    const summary = documentIn(end);
    expect(summary).toMatchObject({
      counts: { succeeded: 1, rejected: 1, in_doubt: 1 },
      failures: [{ status: 'rejected', charged: 'no' }],
      in_doubt: [{ status: 'in_doubt', charged: 'unknown' }],
      retry: expect.stringMatching(/photo-avatars batch \S+ --yes --retry-rejected --url /),
    });
    const results = readFileSync(`${file}.results.jsonl`, 'utf8').trim().split('\n');
    expect(results.map((line) => JSON.parse(line).line)).toEqual([1, 2, 3]);
    expect(
      results.map((line) => JSON.parse(line)).find(({ status }) => status === 'succeeded').images,
    ).toHaveLength(4);

    expect(await batch(file, '--no-wait')).toMatchObject({ code: 3 });
    const charges = running.charges();
    expect(await batch(file, '--no-wait', '--retry-rejected')).toMatchObject({ code: 3 });
    expect((await recordsOf('good', 'refused', 'lost')).map(({ status }) => status).toSorted()).toEqual([
      'in_doubt',
      'queued',
      'succeeded',
    ]);
    expect(running.charges()).toBe(charges);
  });

  it('without a terminal needs --yes, and sends nothing before', async () => {
    const file = givenJsonl('unasked.jsonl', requestsOf('unasked'));
    const end = await runCli(['batch', file, '--url', running.service.url]);
    expect(end).toMatchObject({ code: 2, stderr: expect.stringContaining('pass --yes') });
    expect(end.stderr).toContain('about 0.2 credits');
    expect(await recordsOf('unasked')).toEqual([]);
  });

  it('with an error in its last row sends nothing', async () => {
    const file = givenJsonl('invalid.jsonl', [...requestsOf('valid'), { ...AVATAR, age: 'Old' }]);
    const end = await batch(file);
    expect(end.code).toBe(2);
    expect(documentIn(end).error.errors).toMatchObject([{ line: 2, field: 'age' }]);
    expect(await recordsOf('valid')).toEqual([]);
  });

  it('stops before --max-calls is exceeded, and the next run goes on', async () => {
    const names = ['m1', 'm2', 'm3', 'm4', 'm5', 'm6'];
    const file = givenJsonl('limited.jsonl', requestsOf(...names));
    const first = await batch(file, '--no-wait', '--max-calls', '2');
    expect(first.code).toBe(8);
    expect(documentIn(first)).toMatchObject({
      counts: { queued: 2, not_sent: 4 },
      go_on: expect.any(String),
    });
    expect(await recordsOf(...names)).toHaveLength(2);
    await batch(file, '--no-wait', '--max-calls', '2');
    expect(await recordsOf(...names)).toHaveLength(4);
  });

  it('pays nothing twice without its state file: a request that is known does not count as a call', async () => {
    const file = givenJsonl('stateless.jsonl', requestsOf('s1', 's2', 's3'));
    await batch(file, '--no-wait', '--max-calls', '2');
    writeFileSync(`${file}.state.jsonl`, '');
    expect(await batch(file, '--no-wait', '--max-calls', '1')).toMatchObject({ code: 8 });
    expect(await recordsOf('s1', 's2', 's3')).toHaveLength(3);
  });
});

describe('a row whose key belongs to another request of the service', () => {
  it('is reported and not charged, and the other rows are sent', async () => {
    await running.post({ ...AVATAR, appearance: 'first owner' }, { 'idempotency-key': 'taken' });
    const [taken, free] = requestsOf('second owner', 'free');
    const file = givenJsonl('taken.jsonl', [{ ...taken, idempotency_key: 'taken' }, free ?? {}]);
    const end = await batch(file, '--no-wait');
    expect(end.code).toBe(2);
    expect(documentIn(end).failures).toMatchObject([{ line: 1, status: 'not_sent', charged: 'no' }]);
    expect(await recordsOf('free')).toHaveLength(1);
    expect(await recordsOf('second owner')).toEqual([]);
  });
});

describe('a batch that was begun', () => {
  const begin = async (name: string, ...requests: object[]) => {
    const file = givenJsonl(name, requests);
    expect(await batch(file, '--no-wait')).toMatchObject({ code: 8 });
    return file;
  };

  it('is refused at another service, where its requests would be paid for again', async () => {
    const file = await begin('elsewhere.jsonl', ...requestsOf('elsewhere'));
    const other = await startHttpApi({
      routes: ROUTES,
      invoke: (event) => running.service.api.invoke(event, HTTP_ALIAS),
    });
    const end = await runCli(['batch', file, '--yes', '--url', other.url]);
    await other.close();
    expect(end).toMatchObject({ code: 2, stderr: expect.stringContaining(running.service.url) });
  });

  it('is refused for another role, whose keys are others', async () => {
    const userArn = (role: string) => `arn:aws:sts::111122223333:assumed-role/${role}/session`;
    let role = 'designers';
    const entrance = await startHttpApi({
      routes: ROUTES,
      invoke: (event) => running.service.api.invoke(event, HTTP_ALIAS),
      authorize: () => ({ iam: { userArn: userArn(role) } }),
    });
    const file = givenJsonl('roles.jsonl', requestsOf('role'));
    const run = () => runCli(['batch', file, '--yes', '--no-wait', '--url', entrance.url]);
    expect(await run()).toMatchObject({ code: 8 });
    expect(await run()).toMatchObject({ code: 8 });
    role = 'developers';
    const end = await run();
    await entrance.close();
    expect(end).toMatchObject({ code: 2, stderr: expect.stringContaining('assumed-role/designers') });
    expect(await recordsOf('role')).toHaveLength(1);
  });

  it('is refused under another name, and with another request under the same key', async () => {
    const keyed = requestsOf('before').map((request) => ({ ...request, idempotency_key: 'row-1' }));
    const file = await begin('renamed.jsonl', ...keyed);
    expect(await batch(file, '--batch', 'other')).toMatchObject({ code: 2 });
    writeFileSync(file, JSON.stringify({ ...AVATAR, appearance: 'after', idempotency_key: 'row-1' }));
    const end = await batch(file);
    expect(end.code).toBe(2);
    expect(documentIn(end).error.errors).toMatchObject([{ line: 1, field: 'idempotency_key' }]);
    expect(await recordsOf('after')).toEqual([]);
  });

  it('goes on although a crash cut the last line of its state', async () => {
    const file = await begin('cut.jsonl', ...requestsOf('c1', 'c2'));
    const state = `${file}.state.jsonl`;
    writeFileSync(state, readFileSync(state, 'utf8').slice(0, -40));
    expect(await batch(file, '--no-wait')).toMatchObject({ code: 8 });
    const lines = readFileSync(state, 'utf8').trim().split('\n');
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ status: 'queued' });
    expect(await recordsOf('c1', 'c2')).toHaveLength(2);
  });

  it('is not run twice at the same time, and says who runs it; the lock of an ended process does not count', async () => {
    const file = givenJsonl('locked.jsonl', requestsOf('locked'));
    const lock = (pid: number) =>
      writeFileSync(`${file}.lock`, JSON.stringify({ pid, host: hostname(), since: '2026-11-26T10:00:00Z' }));
    lock(process.pid);
    const held = await batch(file, '--no-wait');
    expect(held.code).toBe(2);
    expect(documentIn(held).error.message).toContain(`process ${process.pid} on ${hostname()}`);
    expect(await recordsOf('locked')).toEqual([]);
    // The command that has just ended.
    const ended = startCli(['--version']);
    await ended.end;
    lock(ended.child.pid ?? 0);
    expect(await batch(file, '--no-wait')).toMatchObject({ code: 8 });
    expect(existsSync(`${file}.lock`)).toBe(false);
  });

  it('stops sending at Ctrl-C with 130, and says how to go on', async () => {
    const file = givenJsonl('stopped.jsonl', requestsOf('stop-1', 'stop-2'));
    const following = startCli(['batch', file, '--yes', '--url', running.service.url]);
    let seen = '';
    following.child.stderr.on('data', (chunk) => {
      seen += chunk;
    });
    await eventually(() => expect(seen).toContain('2 of 2 accepted'));
    following.kill('SIGINT');
    const end = await following.end;
    expect(end).toMatchObject({ code: 130, stderr: expect.stringMatching(/To go on.*photo-avatars batch /) });
    expect(end.stdout).toContain('2 requests: queued 2');
    expect(readFileSync(`${file}.results.jsonl`, 'utf8').trim().split('\n')).toHaveLength(2);
  });
});
