import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EXIT, exitOfRecord, mostSerious } from '../../cli/exit-codes.ts';
import { HTTP_ALIAS, ROUTES } from '../../lambda/shared/routes.ts';
import { startHttpApi } from '../../local/emulators/http-api.ts';
import type { FaultInput } from '../../local/simulator/faults.ts';
import { documentIn, REQUEST_OPTIONS, runCli, startCli } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { type RunningService, recordIn, startRunningService } from '../support/running-service.ts';

let running: RunningService;
beforeAll(async () => {
  running = await startRunningService();
});
beforeEach(() => running.reset());
afterAll(() => running.close());

const cli = (...args: string[]) => runCli([...args, '--url', running.service.url]);
const submit = (...args: string[]) => cli('submit', ...REQUEST_OPTIONS, ...args);
const UNKNOWN_ID = '01934b5e-8000-7000-8000-000000000000';

describe('the exit code of submit', () => {
  const FAULTS: [code: number, type: string, charged: string, fault: FaultInput][] = [
    [1, 'rejected-by-joggai', 'no', { kind: 'code', code: 40000 }],
    [1, 'joggai-error', 'unknown', { kind: 'code', code: 50000 }],
    [3, 'in-doubt', 'unknown', { kind: 'reset', when: 'after_charging' }],
    [5, 'insufficient-credit', 'no', { kind: 'code', code: 18020 }],
    [5, 'no-permission', 'no', { kind: 'code', code: 18025 }],
  ];

  it.each(FAULTS)(
    'is %i for %s, and the one document says what was charged: %s',
    async (code, type, charged, fault) => {
      running.simulator.control.addFault(fault);
      const end = await submit('--json', '--key', `key-of-${type}`);
      expect(end.code).toBe(code);
      const { error } = documentIn(end);
      expect(error).toMatchObject({ type, charged, idempotency_key: `key-of-${type}` });
      expect(recordIn({ body: error.record }).charged).toBe(charged);
    },
  );

  it('is 5 while the account is paused, before JoggAI is called', async () => {
    await cli('pause');
    const end = await submit();
    expect(end).toMatchObject({ code: 5, stdout: '' });
    expect(end.stderr).toMatch(/^Error: .*paused/m);
    expect(running.paidCalls()).toHaveLength(0);
  });

  it('is 2 for a key of another request, and nothing is charged', async () => {
    await submit('--key', 'taken');
    expect(await submit('--key', 'taken', '--appearance', 'Another one')).toMatchObject({ code: 2 });
    expect(running.charges()).toBe(1);
  });

  it('is 8 if the wait ends first, and the command to go on is printed', async () => {
    const end = await submit('--wait=1s', '--json');
    expect(end.code).toBe(8);
    const { error } = documentIn(end);
    expect(error).toMatchObject({ type: 'still-pending', charged: 'yes', record: { status: 'generating' } });
    expect(error.message).toMatch(/photo-avatars show [0-9a-f-]{36} --wait --url http:/);
  });

  it('is 130 after Ctrl-C. The request continues, and the command to go on is printed', async () => {
    const waiting = startCli([
      'submit',
      ...REQUEST_OPTIONS,
      '--key',
      'stopped',
      '--wait',
      '--url',
      running.service.url,
    ]);
    let seen = '';
    waiting.child.stderr.on('data', (chunk) => {
      seen += chunk;
    });
    await eventually(() => expect(seen).toContain('generating'));
    waiting.kill('SIGINT');
    const end = await waiting.end;
    expect(end).toMatchObject({ code: 130, stdout: '' });
    expect(end.stderr).toMatch(/To wait again: photo-avatars show \S+ --wait/);
    expect(
      (await running.records()).find(({ idempotencyKey }) => idempotencyKey === 'stopped'),
    ).toMatchObject({
      status: 'generating',
    });
  });

  it('is 130 after Ctrl-C during the call: its answer is awaited and printed', async () => {
    running.simulator.control.addFault({
      kind: 'delay',
      when: 'after_charging',
      milliseconds: 'until_cleared',
    });
    const calling = startCli(['submit', ...REQUEST_OPTIONS, '--json', '--url', running.service.url]);
    await eventually(() => expect(running.charges()).toBe(1));
    calling.kill('SIGINT');
    let seen = '';
    calling.child.stderr.on('data', (chunk) => {
      seen += chunk;
    });
    await eventually(() => expect(seen).toContain('Stopping'));
    running.simulator.control.clearFaults();
    const end = await calling.end;
    expect(end.code).toBe(130);
    expect(documentIn(end)).toMatchObject({ status: 'generating', charged: 'yes' });
  });
});

describe('the exit code of show', () => {
  it('is 0 for a request in doubt, and 3 with --wait, which asks how it ended', async () => {
    running.simulator.control.addFault({ kind: 'reset', when: 'after_charging' });
    const { record } = Object((await running.post()).body);
    expect(await cli('show', record.id)).toMatchObject({ code: 0 });
    const waited = await cli('show', record.id, '--wait');
    expect(waited).toMatchObject({ code: 3, stderr: expect.stringContaining('photo-avatars resolve') });
  });

  it('is 1 for an id that does not exist, also with --wait', async () => {
    expect(await cli('show', UNKNOWN_ID)).toMatchObject({ code: 1 });
    const end = await cli('show', UNKNOWN_ID, '--wait', '--json');
    expect(end.code).toBe(1);
    expect(documentIn(end).error.type).toBe('not-found');
  });

  it('is 2 for a text that is no id', async () => {
    expect(await cli('show', '../account')).toMatchObject({ code: 2 });
  });
});

describe('the exit code 4', () => {
  it.each([401, 403] as const)('says what to do if API Gateway answers %i', async (status) => {
    const entrance = await startHttpApi({
      routes: ROUTES,
      invoke: (event) => running.service.api.invoke(event, HTTP_ALIAS),
      authorize: () => status,
    });
    const end = await runCli(['list', '--json', '--url', entrance.url]);
    await entrance.close();
    expect(end.code).toBe(4);
    expect(documentIn(end).error).toMatchObject({ type: 'not-allowed', charged: 'no' });
    expect(documentIn(end).error.message).toContain('--token-file');
  });

  it('is that of missing AWS credentials, before anything is sent', async () => {
    const end = await runCli([
      'list',
      '--json',
      '--url',
      'https://a1b2c3.execute-api.eu-west-1.amazonaws.com',
    ]);
    expect(end.code).toBe(4);
    expect(documentIn(end).error).toMatchObject({ type: 'not-signed-in', charged: 'no' });
  });
});

it('a service that does not answer a read ends with 1, and the network error is named', async () => {
  const closed = await startHttpApi({ routes: [], invoke: async () => ({}) });
  await closed.close();
  const end = await runCli(['list', '--url', closed.url]);
  expect(end).toMatchObject({ code: 1, stderr: expect.stringContaining('ECONNREFUSED') });
});

it('of several codes, the most serious one counts', () => {
  expect(mostSerious([EXIT.pending, EXIT.refused, EXIT.failed, EXIT.inDoubt, EXIT.done])).toBe(3);
  expect(mostSerious([EXIT.pending, EXIT.refused, EXIT.failed])).toBe(1);
  expect(mostSerious([EXIT.done, EXIT.pending, EXIT.refused])).toBe(5);
  expect(mostSerious([EXIT.done, EXIT.pending])).toBe(8);
  expect(mostSerious([EXIT.pending, EXIT.usage, EXIT.done])).toBe(2);
  expect(mostSerious([EXIT.done])).toBe(0);
});

it('a status that a later version of the service adds is no success', () => {
  expect(exitOfRecord({ status: 'expired' as never })).toBe(1);
  expect(exitOfRecord({ status: 'cancelled' })).toBe(1);
});
