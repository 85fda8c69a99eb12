import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { HTTP_ALIAS, ROUTES } from '../../lambda/shared/routes.ts';
import { startHttpApi } from '../../local/emulators/http-api.ts';
import { createIamAuthorizer } from '../../local/emulators/http-api-authorizer.ts';
import type { RunningServer } from '../../local/server.ts';
import { TOKEN_HEADER } from '../../page/contract.ts';
import { documentIn, runCli, scratchFolder, startCli } from '../support/cli.ts';
import { ACCOUNT_ID, type Deployment, REGION, STACK, startDeployment } from '../support/deployment.ts';
import { type Sent, sendRaw } from '../support/page-world.ts';
import { AVATAR } from '../support/requests.ts';
import { type RunningService, startRunningService } from '../support/running-service.ts';

const CREDENTIALS = { accessKeyId: 'AKIAABCDEFGHIJKLMNOP', secretAccessKey: 'wJalr/the+key' };
const USER = `arn:aws:iam::${ACCOUNT_ID}:user/anna`;

let running: RunningService;
let api: RunningServer;
let deployment: Deployment;
const folder = scratchFolder();
beforeAll(async () => {
  running = await startRunningService();
  const authorizeIam = createIamAuthorizer({
    identities: [{ ...CREDENTIALS, userArn: USER }],
    region: REGION,
  });
  api = await startHttpApi({
    routes: ROUTES,
    invoke: (event) => running.service.api.invoke(event, HTTP_ALIAS),
    authorize: (route, request) =>
      request.headers.authorization === 'Bearer the-token'
        ? { jwt: { claims: { iss: 'https://issuer.example', sub: 'ann' } } }
        : authorizeIam(route, request),
  });
  deployment = await startDeployment(api.url);
});
beforeEach(() => {
  deployment.reset();
  deployment.change({
    outputs: { ...deployment.outputs(), ServiceName: 'the-service', ImageBucketName: 'the-bucket' },
  });
});
afterAll(async () => {
  await deployment.close();
  await api.close();
  await running.close();
  folder.remove();
});

/** The caller of the stack. */
const stackEnv = () => ({ ...deployment.env, AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey });

/** Starts `console`, and stops it with Ctrl-C at the end of the test. */
const startConsole = async (args: readonly string[], env: NodeJS.ProcessEnv = stackEnv()) => {
  const cli = startCli(['console', ...args], { env });
  let printed = '';
  const address = await new Promise<string>((resolve, reject) => {
    cli.child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk;
      const [found] = /http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]+(?=["\n])/.exec(printed) ?? [];
      if (found !== undefined) resolve(found);
    });
    cli.end.then(({ stderr }) => reject(new Error(`It has ended: ${stderr}`)));
  });
  const stop = () => {
    cli.kill('SIGINT');
    return cli.end;
  };
  onTestFinished(async () => void (await stop()));
  const [origin = '', token = ''] = address.split('/#token=');
  return {
    address,
    origin,
    stop,
    call: async (target: string, sent: Sent = {}) => {
      const answer = await sendRaw(origin, target, {
        ...sent,
        headers: { [TOKEN_HEADER]: token, ...sent.headers },
      });
      const isJson = /json/.test(answer.headers['content-type'] ?? '');
      return { ...answer, value: isJson ? JSON.parse(answer.text) : undefined };
    },
  };
};

describe('console of a stack', () => {
  it('serves the page until Ctrl-C: the address on standard output, the rest on standard error', async () => {
    const { address, call, stop } = await startConsole(['--stack', STACK]);
    const page = await call('/');
    expect(page.headers['content-type']).toMatch(/^text\/html/);
    expect(page.headers['content-security-policy']).toContain(
      `img-src 'self' https://the-bucket.s3.${REGION}.amazonaws.com;`,
    );
    expect((await call('/console/session')).value).toEqual({
      service: `${STACK} · account ${ACCOUNT_ID} · ${REGION}`,
      kind: 'stack',
      stack: STACK,
      account: ACCOUNT_ID,
      region: REGION,
      hasSimulator: false,
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    });
    expect((await call('/console/simulator')).status).toBe(404);
    const { code, stdout, stderr } = await stop();
    expect([code, stdout]).toEqual([0, `${address}\n`]);
    expect(stderr).toContain(`${STACK} · account ${ACCOUNT_ID} · ${REGION} · JoggAI: simulator`);
    expect(stderr).not.toContain(address);
  });

  it('signs as the caller, who never sees a credential', async () => {
    const { call } = await startConsole(['--stack', STACK]);
    const headers = { 'content-type': 'application/json' };
    const submitted = await call('/console/api/photo-avatars', {
      method: 'POST',
      headers,
      body: JSON.stringify(AVATAR),
    });
    expect([submitted.status, submitted.value.caller]).toEqual([201, USER]);
    const answers = [
      submitted,
      ...(await Promise.all(
        ['/', '/console/session', '/console/alarms', '/console/last-hour', '/console/api/account'].map(
          (target) => call(target),
        ),
      )),
    ];
    for (const { status, headers: answered, text } of answers) {
      expect(status).toBeLessThan(300);
      for (const secret of [...Object.values(CREDENTIALS), 'AWS4-HMAC-SHA256'])
        expect(JSON.stringify(answered) + text).not.toContain(secret);
    }
  });

  it('shows the alarms that are on', async () => {
    const [low, ...others] = deployment.alarms();
    const since = 1_795_000_000;
    const on = { StateValue: 'ALARM', StateTransitionedTimestamp: since };
    deployment.change({
      alarms: [
        { ...low, ...on },
        {
          ...low,
          ...on,
          AlarmName: 'of-a-pager',
          AlarmDescription: 'Text. See https://wiki.example/run#low-credit',
        },
        { ...low, ...on, AlarmName: `${STACK}-Own`, AlarmDescription: 'Of the same stack.' },
        ...others,
      ] as ReturnType<Deployment['alarms']>,
    });
    const { call } = await startConsole(['--stack', STACK]);
    const at = new Date(since * 1_000).toISOString();
    expect((await call('/console/alarms')).value).toEqual({
      items: [
        { name: 'low-credit', description: 'What is wrong.', since: at },
        {
          name: 'low-credit',
          description: 'Text.',
          since: at,
          runbookUrl: 'https://wiki.example/run#low-credit',
        },
        { name: 'Own', description: 'Of the same stack.', since: at },
      ],
    });
  });

  it('shows the figures of the last hour, and asks CloudWatch for them once in a while', async () => {
    deployment.change({
      figures: {
        'Accepted Sum': [3, 20],
        'Failed Sum': [1],
        'ParameterError Sum': [2],
        'OldestQueuedAge Maximum': [40, 100],
        'JoggAILatency SampleCount': [4, 20],
        'SlotsInUse Maximum': [5, 19],
      },
    });
    const { call } = await startConsole(['--stack', STACK]);
    const { value } = await call('/console/last-hour');
    await Promise.all([1, 2, 3].map(() => call('/console/last-hour')));
    const last = (name: string) => value[name].slice(-3);
    expect([last('accepted'), last('calls')]).toEqual([
      [0, 20, 3],
      [0, 20, 4],
    ]);
    expect([last('failed'), last('inDoubt'), last('longestWait')]).toEqual([
      [0, 0, 3],
      [0, 0, 0],
      [null, 100, 40],
    ]);
    expect(last('slotsInUse')).toEqual([null, 19, 5]);
    expect(value.accepted).toHaveLength(60);
    const asked = deployment.calls.filter(([operation]) => operation === 'GetMetricData');
    expect(asked).toMatchObject([
      [
        'GetMetricData',
        {
          MetricDataQueries: expect.arrayContaining([
            expect.objectContaining({
              MetricStat: expect.objectContaining({
                Metric: expect.objectContaining({ Dimensions: [{ Name: 'service', Value: 'the-service' }] }),
                Period: 60,
              }),
            }),
          ]),
        },
      ],
    ]);
    for (const [operation] of deployment.calls) expect(operation).toMatch(/^(Describe|Get|List)/);
  });

  it('says what the caller may not read, and works without it', async () => {
    deployment.change({ denied: new Set(['DescribeAlarms', 'GetMetricData']) });
    const { call } = await startConsole(['--stack', STACK]);
    expect((await call('/console/alarms')).value).toEqual({
      items: [],
      unavailable: expect.stringContaining('cloudwatch:DescribeAlarms'),
    });
    expect((await call('/console/last-hour')).value).toMatchObject({
      unavailable: expect.stringContaining('cloudwatch:GetMetricData'),
      accepted: expect.arrayContaining([null]),
    });
    expect((await call('/console/api/account')).status).toBe(200);
  });

  it('says that CloudWatch did not answer, without what its error repeats', async () => {
    deployment.change({ failing: new Set(['ListStackResources', 'GetMetricData']) });
    const { call } = await startConsole(['--stack', STACK]);
    for (const route of ['alarms', 'last-hour'])
      expect((await call(`/console/${route}`)).value.unavailable).toMatch(
        /^CloudWatch could not be read \(\w+\)\.$/,
      );
  });

  it('prints one document with --json, and takes a token instead of a signature', async () => {
    const file = folder.in('token');
    writeFileSync(file, 'the-token\n');
    const { address, call, stop } = await startConsole(['--stack', STACK, '--json', '--token-file', file]);
    const submitted = await call('/console/api/photo-avatars?dry_run=true', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(AVATAR),
    });
    expect(submitted.value.owner).toBe('http:https://issuer.example#ann');
    const { code, ...printed } = await stop();
    expect(code).toBe(0);
    expect(documentIn({ code, ...printed })).toEqual({
      url: address,
      service: `${STACK} · account ${ACCOUNT_ID} · ${REGION}`,
    });
  });
});

describe('console', () => {
  it('of a URL says why alarms and figures are not known', async () => {
    const { call } = await startConsole(['--url', running.service.url], {});
    expect((await call('/console/session')).value).toMatchObject({
      kind: 'url',
      service: running.service.url,
    });
    for (const route of ['alarms', 'last-hour'])
      expect((await call(`/console/${route}`)).value.unavailable).toContain('--stack');
    expect((await call('/console/api/account')).status).toBe(200);
  });

  it('is of no use without a service: exit code 1, and nothing is served', async () => {
    const result = await runCli(['console', '--url', 'http://127.0.0.1:9', '--json']);
    expect([result.code, documentIn(result).error.message]).toEqual([
      1,
      expect.stringContaining('127.0.0.1:9'),
    ]);
  });

  it.each([
    [['--local', '--port', 'http']],
    [['--local', '--port', '65536']],
    [[]],
    [['--local', '--host', '0.0.0.0']],
  ])('ends with 2 for options that it cannot use: %j', async (options) => {
    const { code, stderr } = await runCli(['console', ...options]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('Nothing was sent')]);
  });

  it('ends with 2 if the port is in use', async () => {
    const url = running.service.url;
    const { code, stderr } = await runCli(['console', '--url', url, '--port', new URL(url).port]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(`The port ${new URL(url).port} is in use.`)]);
  });

  it('ends with 4 for a caller whom the service refuses', async () => {
    const env = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
    const { code } = await runCli(['console', '--stack', STACK], { env: { ...deployment.env, ...env } });
    expect(code).toBe(4);
  });
});
