import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { documentIn, REQUEST_OPTIONS, runCli, scratchFolder, startCli } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { AVATAR } from '../support/requests.ts';
import { type RunningService, recordIn, startRunningService } from '../support/running-service.ts';

let running: RunningService;
let port: string;
const folder = scratchFolder();
beforeAll(async () => {
  running = await startRunningService();
  port = new URL(running.service.url).port;
});
beforeEach(() => running.reset());
afterAll(async () => {
  await running.close();
  folder.remove();
});

/** As after `npm start`. */
const cli = (...args: string[]) => runCli([...args, '--local'], { env: { PORT: port } });
const submit = (...args: string[]) => cli('submit', ...REQUEST_OPTIONS, ...args);
const statusOf = async (id: string) => recordIn(await running.call('GET', `/photo-avatars/${id}`)).status;
const givenQueued = async () => recordIn(await running.post(AVATAR, { prefer: 'respond-async' })).id;
const givenInDoubt = async (): Promise<string> => {
  running.simulator.control.addFault({ kind: 'reset', when: 'after_charging' });
  const { body } = await running.post();
  return recordIn({ body: Object(body).record }).id;
};

describe('submit', () => {
  it('prints the record on standard output, and key, id and service on standard error', async () => {
    const { code, stdout, stderr } = await submit('--key', 'my-key', '--appearance', 'Green jacket');
    expect(code).toBe(0);
    const id = /^id +(\S+)$/m.exec(stdout)?.[1];
    expect(stdout).toMatch(/^status +generating$/m);
    expect(stderr.split('\n')).toEqual([
      `http://127.0.0.1:${port} · JoggAI: simulator at ${running.simulator.url}, nothing is charged`,
      'Key: my-key',
      `Id:  ${id}`,
      '',
    ]);
    const [record] = (await running.records()).filter((found) => found.id === id);
    expect(record).toMatchObject({ request: { ...AVATAR, appearance: 'Green jacket' } });
  });

  it('pays nothing for the same key again', async () => {
    const first = documentIn(await submit('--key', 'again', '--json'));
    const second = await submit('--key', 'again', '--json');
    expect(documentIn(second).id).toBe(first.id);
    expect(second.stderr).toContain('not paid for again');
    expect(running.charges()).toBe(1);
  });

  it('pays and records nothing with --dry-run, and says whether the service would refuse', async () => {
    const before = (await running.records()).length;
    expect(await submit('--dry-run')).toMatchObject({ code: 0 });
    await running.call('PATCH', '/account', {
      headers: { 'content-type': 'application/json' },
      body: '{"paused":true}',
    });
    const refused = await submit('--dry-run', '--json');
    expect(refused.code).toBe(5);
    expect(documentIn(refused)).toMatchObject({ dry_run: true, account: { state: 'paused' } });
    expect(running.charges()).toBe(0);
    expect(await running.records()).toHaveLength(before);
  });

  it('waits until the pictures are there, and stores them whole', async () => {
    running.simulator.control.configure({ generation: { durationMs: 0 } });
    const directory = folder.in('pictures');
    const waiting = startCli(
      ['submit', ...REQUEST_OPTIONS, '--key', 'wait', '--download', directory, '--json', '--local'],
      {
        env: { PORT: port },
      },
    );
    await eventually(async () => {
      const record = (await running.records()).find((found) => found.idempotencyKey === 'wait');
      expect(record?.status).toBe('generating');
      await running.makeDue(record?.id ?? '');
    });
    await running.service.triggerDispatch();
    const end = await waiting.end;
    expect(end).toMatchObject({ code: 0 });
    const { id, images, files } = documentIn(end);
    expect(images).toHaveLength(4);
    expect(files).toEqual([1, 2, 3, 4].map((at) => `${directory}/${id}-${at}.png`));
    expect(readdirSync(directory)).toHaveLength(4);
    for (const [at, file] of files.entries()) expect(statSync(file).size).toBe(images[at].copy.bytes);

    writeFileSync(files[0], 'mine');
    const again = await cli('show', id, '--download', directory);
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('--force') });
    expect(readFileSync(files[0], 'utf8')).toBe('mine');
    expect(await cli('show', id, '--download', directory, '--force')).toMatchObject({ code: 0 });
    expect(statSync(files[0]).size).toBe(images[0].copy.bytes);
  });
});

describe('list, show and account', () => {
  it('list prints the requests of a status as a table, and as an array with --json', async () => {
    const id = await givenInDoubt();
    const table = await cli('list', '--status', 'in_doubt', '--limit', '1');
    expect(table.stdout.split('\n')).toHaveLength(3);
    expect(table.stdout).toMatch(new RegExp(`^id .*\n${id} +in_doubt +unknown `));
    expect(documentIn(await cli('list', '--status', 'in_doubt', '--limit', '1', '--json'))).toMatchObject([
      { id },
    ]);
  });

  it('list reads as many pages as the limit needs', async () => {
    for (let at = 0; at < 3; at += 1) await givenQueued();
    const all = documentIn(await cli('list', '--limit', '250', '--json'));
    expect(all).toHaveLength((await running.records()).length);
  });

  it('an empty list is an empty document and no error', async () => {
    expect(documentIn(await cli('list', '--caller', 'nobody', '--json'))).toEqual([]);
    expect(await cli('list', '--caller', 'nobody')).toMatchObject({ code: 0, stdout: '' });
  });

  it('show says how many are ahead of a queued request, and when its turn comes, unless the account waits', async () => {
    const first = await givenQueued();
    await running.makeDue(first, { dueAt: '2026-11-01T00:00:00.000Z' });
    const id = await givenQueued();
    await running.makeDue(id, { dueAt: '2026-11-01T00:01:00.000Z' });
    expect((await cli('show', id)).stdout).toMatch(/^position {2}1 ahead, about 1 minute at 20 a minute$/m);
    expect(await cli('pause')).toMatchObject({ code: 0 });
    expect((await cli('show', id)).stdout).toMatch(
      /^position {2}1 ahead, no estimate: the account is paused by \S+$/m,
    );
    await cli('resume');
    for (const each of [first, id]) await cli('cancel', each);
    expect((await cli('show', id)).stdout).not.toContain('position');
  });

  it('show prints the history, and account the calls of today', async () => {
    const id = await givenQueued();
    expect((await cli('show', id)).stdout).toMatch(/^time +status +note\n.* queued/m);
    expect(documentIn(await cli('show', id, '--json'))).toMatchObject({ id, status: 'queued' });
    expect((await cli('account')).stdout).toMatch(/^calls +0 of 1000 today/m);
  });
});

describe('commands that change something', () => {
  it('cancel takes a queued request back', async () => {
    const id = await givenQueued();
    expect(documentIn(await cli('cancel', id, '--json'))).toMatchObject({ id, status: 'cancelled' });
    expect(await cli('refresh', id)).toMatchObject({ code: 1 });
  });

  it('pause and resume stop and allow paid calls', async () => {
    expect(documentIn(await cli('pause', '--json'))).toMatchObject({ state: 'paused' });
    expect(documentIn(await cli('resume', '--json'))).toMatchObject({ state: 'open' });
  });

  it('erase needs the id again: without a terminal it names the option, and erases nothing', async () => {
    const id = await givenQueued();
    await cli('cancel', id);
    // Its end is published first.
    await running.service.triggerDispatch();
    const refused = await cli('erase', id);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining(`--confirm=${id}`) });
    expect(await cli('erase', id, '--confirm=another')).toMatchObject({ code: 2 });
    const record = async () => (await running.records()).find((found) => found.id === id);
    expect(await record()).toHaveProperty('request');
    expect(await cli('erase', id, `--confirm=${id}`)).toMatchObject({ code: 0 });
    expect((await record())?.request).toBeUndefined();
  });

  it('resolve closes a request in doubt on the version that it showed', async () => {
    const id = await givenInDoubt();
    const { code, stderr } = await cli('resolve', id, '--action', 'close', '--reason', 'seen at JoggAI');
    expect(code).toBe(0);
    expect(stderr).toMatch(/^charged +unknown$/m);
    expect((await running.records()).find((found) => found.id === id)?.resolution).toMatchObject({
      action: 'close',
      reason: 'seen at JoggAI',
    });
  });

  it('resolve asks before a second payment: without a terminal it names the option, and submits nothing', async () => {
    const id = await givenInDoubt();
    const resubmit = ['resolve', id, '--action', 'resubmit', '--reason', 'not at JoggAI'];
    expect(await cli(...resubmit)).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
    expect(await statusOf(id)).toBe('in_doubt');
    expect(await cli(...resubmit, '--yes')).toMatchObject({ code: 0 });
    expect(await statusOf(id)).toBe('queued');
  });
});
