import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type CheckResult, redacted, runChecks } from '../../cli/checks/check.ts';
import { serviceChecks } from '../../cli/checks/service-checks.ts';
import { stackChecks } from '../../cli/checks/stack-checks.ts';
import { createStackReader } from '../../cli/checks/stack-reader.ts';
import { createClient } from '../../client/index.ts';
import { documentIn, runCli } from '../support/cli.ts';
import { ACCOUNT_ID, type Deployment, STACK, startDeployment } from '../support/deployment.ts';
import { type RunningService, startRunningService } from '../support/running-service.ts';

const SERVICE_CHECKS = [
  ...['caller', 'dry-run', 'api-key', 'joggai', 'account'],
  ...['credits', 'dispatch', 'in-doubt', 'oldest-queued'],
];
const STACK_CHECKS = [
  ...['alarms', 'alarm-receivers', 'dead-letters', 'schedule', 'event-rules', 'event-source-mappings'],
  ...['point-in-time-recovery', 'deletion-protection'],
];
const ALL_CHECKS = ['outputs', ...SERVICE_CHECKS, ...STACK_CHECKS];

/** The result must not depend on the speed of this machine. */
const NO_LIMIT = ['--timeout', '10m'];

let running: RunningService;
let deployment: Deployment;
beforeAll(async () => {
  running = await startRunningService();
  await running.service.triggerDispatch();
  deployment = await startDeployment(running.service.url);
});
beforeEach(() => deployment.reset());
afterAll(async () => {
  await deployment.close();
  await running.close();
});

const doctor = async (...options: string[]) => {
  const result = await runCli(['doctor', '--stack', STACK, '--json', ...NO_LIMIT, ...options], {
    env: deployment.env,
  });
  const { checks, counts } = documentIn(result);
  return { ...result, counts, checks: checks as CheckResult[] };
};
const statuses = (checks: readonly CheckResult[]) =>
  Object.fromEntries(checks.map(({ id, status }) => [id, status]));
const each = (ids: readonly string[], status: string) => Object.fromEntries(ids.map((id) => [id, status]));

/** The checks of the service's own API, at a time. */
const checkService = async (url: string, now = Date.now(), allowMissingKey = false) =>
  runChecks(
    serviceChecks({
      client: createClient({ url, maxRetries: 0 }),
      lowCredits: async () => 10,
      longWaitMs: async () => 21_600_000,
      putApiKey: 'Run PutApiKeyCommand.',
      allowMissingKey,
      command: (...args) => ['photo-avatars', ...args].join(' '),
      now: () => now,
    }),
    new AbortController().signal,
    0,
  );

describe('doctor', () => {
  it('finds nothing to do in a healthy deployment, with stable ids, and only reads', async () => {
    const { code, checks, counts } = await doctor('--strict');
    expect(statuses(checks)).toEqual(each(ALL_CHECKS, 'ok'));
    expect(checks.map(({ id }) => id)).toEqual(ALL_CHECKS);
    expect(checks.filter(({ fix }) => fix !== undefined)).toEqual([]);
    expect(counts).toEqual({ ok: ALL_CHECKS.length, warning: 0, error: 0, skipped: 0 });
    expect(code).toBe(0);
    for (const [operation] of deployment.calls) expect(operation).toMatch(/^(Describe|Get|List)/);
    expect(running.paidCalls()).toEqual([]);
  });

  it('reports each fault of the resources with what to do, and exits with 1', async () => {
    deployment.change({
      alarms: [
        {
          AlarmName: 'on',
          AlarmDescription: 'Text. See docs/operations.md#in-doubt',
          MetricName: 'InDoubt',
          Threshold: 1,
          StateValue: 'ALARM',
          ActionsEnabled: true,
          AlarmActions: ['arn:aws:sns:x:y:alarms'],
        },
      ],
      subscriptions: [{ protocol: 'email', endpoint: 'oncall@example.com', isConfirmed: false }],
      deadLetters: { Requests: 0, Events: 2 },
      schedule: 'DISABLED',
      rule: 'DISABLED',
      mapping: 'Disabled',
      pointInTimeRecovery: 'DISABLED',
      deletionProtection: false,
    });
    const { code, checks, counts, stdout } = await doctor();
    expect(statuses(checks)).toEqual({
      ...each(ALL_CHECKS, 'ok'),
      alarms: 'warning',
      'alarm-receivers': 'warning',
      'dead-letters': 'error',
      schedule: 'error',
      'event-rules': 'error',
      'event-source-mappings': 'error',
      'point-in-time-recovery': 'error',
      'deletion-protection': 'warning',
    });
    expect(counts).toMatchObject({ warning: 3, error: 5 });
    expect(code).toBe(1);
    const found = (id: string) => checks.find((check) => check.id === id);
    expect(found('alarms')).toMatchObject({
      detail: '1 of 1 on: on.',
      fix: 'See docs/operations.md#in-doubt.',
    });
    expect(found('alarm-receivers')?.fix).toMatch(/^Click the link/);
    expect(found('dead-letters')?.detail).toBe('Requests that were not recorded: 2 in EventsDeadLetters.');
    for (const { status, fix } of checks) expect(fix === undefined).toBe(status === 'ok');
    expect(stdout).not.toContain('oncall@example.com');
  });

  it('exits with 0 on warnings, and with 1 if it is strict', async () => {
    deployment.change({ subscriptions: [] });
    expect(await doctor()).toMatchObject({ code: 0, counts: { warning: 1, error: 0 } });
    expect(await doctor('--strict')).toMatchObject({ code: 1, counts: { warning: 1, error: 0 } });
  });

  it('does not miss a subscriber where a pager is notified directly', async () => {
    const pager = 'arn:aws:lambda:x:y:function:pager';
    const alarms = deployment
      .alarms()
      .map((alarm) => ({ ...alarm, AlarmActions: [...alarm.AlarmActions, pager] }));
    deployment.change({ subscriptions: [], alarms });
    const { checks } = await doctor();
    expect(checks.find(({ id }) => id === 'alarm-receivers')?.status).toBe('ok');
  });

  it('skips what the caller may not read, and names the missing permissions', async () => {
    const denied = [
      'DescribeAlarms',
      'ListSubscriptionsByTopic',
      'GetQueueAttributes',
      'GetSchedule',
      'DescribeRule',
    ];
    deployment.change({
      denied: new Set([...denied, 'GetEventSourceMapping', 'DescribeContinuousBackups', 'DescribeTable']),
    });
    const { code, checks, stdout } = await doctor();
    expect(statuses(checks)).toEqual({ ...each(ALL_CHECKS, 'ok'), ...each(STACK_CHECKS, 'skipped') });
    expect(checks.find(({ id }) => id === 'schedule')?.fix).toBe(
      'Allow the caller cloudformation:ListStackResources and scheduler:GetSchedule.',
    );
    expect(code).toBe(0);
    expect(stdout).not.toContain('anna@example.com');
  });

  it('shows nothing in the text of errors that must not be shown to others', async () => {
    deployment.change({ failing: new Set(['GetSchedule']) });
    const { checks, stdout, code } = await doctor();
    expect(checks.find(({ id }) => id === 'schedule')).toMatchObject({ status: 'error' });
    expect(checks.find(({ id }) => id === 'schedule')?.detail).toContain('<account>');
    for (const secret of [ACCOUNT_ID, 'anna@example.com', 'AKIAABCDEFGHIJKLMNOP'])
      expect(stdout).not.toContain(secret);
    expect(code).toBe(1);
  });

  it('reports outputs that an older deployment lacks', async () => {
    const { PutApiKeyCommand: _, ...outputs } = deployment.outputs();
    deployment.change({ outputs });
    const { checks } = await doctor();
    expect(checks[0]).toMatchObject({
      id: 'outputs',
      status: 'error',
      detail: expect.stringMatching(/PutApiKeyCommand/),
    });
  });

  it('checks a service on this machine by its API alone, and prints a line for each check and a summary', async () => {
    const { port } = new URL(running.service.url);
    const { code, stdout } = await runCli(['doctor', '--local', ...NO_LIMIT], { env: { PORT: port } });
    const lines = stdout.trim().split('\n');
    expect(lines.filter((line) => line.startsWith('ok ')).length).toBe(1 + SERVICE_CHECKS.length);
    expect(lines.filter((line) => line.startsWith('skipped ')).length).toBe(STACK_CHECKS.length);
    expect(lines.at(-1)).toBe('10 ok, 0 warning, 0 error, 8 skipped');
    expect(code).toBe(0);
  });
});

describe('the checks of the service', () => {
  it('report a service that cannot be reached once, and skip what needs it', async () => {
    const checks = await checkService('http://127.0.0.1:9');
    expect(statuses(checks)).toEqual({
      ...each(SERVICE_CHECKS, 'skipped'),
      caller: 'error',
      'dry-run': 'error',
    });
  });

  it('report that dispatch and JoggAI have been silent for ten minutes', async () => {
    const checks = await checkService(running.service.url, Date.now() + 10 * 60_000);
    expect(statuses(checks)).toEqual({ ...each(SERVICE_CHECKS, 'ok'), dispatch: 'error', joggai: 'error' });
  });

  it('report an empty secret, and dispatch that has not run', async () => {
    const keyless = await startRunningService({ apiKey: undefined });
    onTestFinished(() => keyless.close());
    const checks = await checkService(keyless.service.url);
    expect(statuses(checks)).toMatchObject({
      'api-key': 'error',
      dispatch: 'error',
      joggai: 'warning',
      credits: 'skipped',
    });
    expect(checks.find(({ id }) => id === 'api-key')?.fix).toBe('Run PutApiKeyCommand.');
  });

  it('report them as warnings if the key may be missing, but not a key that is unusable', async () => {
    const keyless = await startRunningService({ apiKey: undefined });
    onTestFinished(() => keyless.close());
    const checks = await checkService(keyless.service.url, Date.now(), true);
    expect(statuses(checks)).toMatchObject({ 'api-key': 'warning', dispatch: 'warning' });
    expect(checks.filter(({ status }) => status === 'error')).toEqual([]);
    expect(checks.find(({ id }) => id === 'api-key')).toMatchObject({
      detail: 'The secret is empty: no JoggAI key is stored yet.',
      fix: 'Run PutApiKeyCommand.',
    });
    const malformed = await startRunningService({ apiKey: 'two words' });
    onTestFinished(() => malformed.close());
    const others = await checkService(malformed.service.url, Date.now(), true);
    expect(statuses(others)).toMatchObject({ 'api-key': 'error', dispatch: 'error' });
  });

  it('report requests in doubt, long waits, a pause, and few credits', async () => {
    const troubled = await startRunningService();
    onTestFinished(() => troubled.close());
    troubled.simulator.control.addFault({ kind: 'reset', when: 'after_charging' });
    await troubled.post();
    troubled.simulator.control.configure({ credits: 3 });
    await troubled.service.triggerDispatch();
    await troubled.sendJson('PATCH', '/account', { paused: true });
    await troubled.post(undefined, { prefer: 'respond-async' });
    const now = await checkService(troubled.service.url);
    expect(statuses(now)).toMatchObject({ 'in-doubt': 'warning', credits: 'warning', account: 'warning' });
    expect(now.find(({ id }) => id === 'account')?.fix).toBe('To resume: photo-avatars resume');
    const later = await checkService(troubled.service.url, Date.now() + 7 * 3_600_000);
    expect(later.find(({ id }) => id === 'oldest-queued')).toMatchObject({ status: 'warning' });
  });

  it('report the reason of a block', async () => {
    const blocked = await startRunningService();
    onTestFinished(() => blocked.close());
    blocked.simulator.control.configure({ permission: false });
    await blocked.post();
    const checks = await checkService(blocked.service.url);
    expect(statuses(checks)).toMatchObject({ account: 'error', joggai: 'error' });
    expect(checks.find(({ id }) => id === 'joggai')?.fix).toBe('See docs/operations.md#no-permission.');
  });
});

describe('checks', () => {
  it('end at their time limit, and the others keep their result', async () => {
    const limit = new AbortController();
    const results = runChecks(
      [
        { id: 'silent', run: () => new Promise(() => setImmediate(() => limit.abort())) },
        { id: 'quick', run: async () => ({ status: 'ok', detail: 'Done.' }) },
      ],
      limit.signal,
      3_000,
    );
    expect(await results).toMatchObject([
      { id: 'silent', status: 'error', detail: 'No answer within 3 s.' },
      { id: 'quick', status: 'ok' },
    ]);
  });

  it('hide account ids, access keys and addresses, and nothing else', () => {
    expect(
      redacted('arn:aws:sns:eu-west-1:111122223333:t of a.b@example.com by ASIAABCDEFGHIJKLMNOP at 12345'),
    ).toBe('arn:aws:sns:eu-west-1:<account>:t of <e-mail address> by <access key> at 12345');
  });

  it('need only the permissions that docs/operations.md lists', () => {
    const stack = createStackReader({ stackName: '', region: '' });
    const needed = new Set(stackChecks({ stack, outputs: new Map() }).flatMap(({ actions = [] }) => actions));
    const document = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
    const [, listed = ''] = /The doctor needs(.*?)\n\n/s.exec(document) ?? [];
    const actions = [...listed.matchAll(/`([a-z-]+:[A-Z]\w+)`/g)].map(([, action]) => action);
    expect(actions.sort()).toEqual([...needed, 'cloudformation:DescribeStacks', 'execute-api:Invoke'].sort());
  });
});
