import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createLedger } from '../../lambda/adapters/ledger.ts';
import { bundleHandler } from '../../lib/handler-code.ts';
import { createHandlerServer, listen, type RunningServer } from '../../local/server.ts';
import type { FunctionName } from '../../local/service.ts';
import { deployed, resources, theResource } from '../lib/synthesize.ts';
import {
  type AwsCall,
  arnOf,
  bucketArn,
  ENDPOINT_VARIABLES,
  secretArn,
  startRecordingEndpoint,
} from '../support/aws-calls.ts';
import { createEventSender } from '../support/event-sender.ts';
import { eventually, eventuallyTrue } from '../support/eventually.ts';
import { replaceKey } from '../support/replace-key.ts';
import { AVATAR } from '../support/requests.ts';
import { type Allowance, type Arns, allowancesOf, allows } from '../support/role-policy.ts';
import { type RunningService, recordIn, startRunningService } from '../support/running-service.ts';

const FUNCTIONS = { Api: 'api', Intake: 'intake', Dispatch: 'dispatch' } as const;
type Name = keyof typeof FUNCTIONS;
const NAMES = ['Api', 'Intake', 'Dispatch'] as const satisfies Name[];

const calls: Record<FunctionName, AwsCall[]> = { api: [], intake: [], dispatch: [] };
const QUEUE = arnOf('sqs', 'photo-avatars');

/**
 * What Lambda's poller of the queue does in the name of the function's role.
 * Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-lambda-function-trigger.html
 */
calls.intake.push(
  ...['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'].map((action) => ({
    action,
    resource: QUEUE,
  })),
);

/** What Lambda itself does in the name of the role, which no endpoint of ours sees: logs and traces. */
const BY_LAMBDA = new Set([
  'logs:CreateLogStream',
  'logs:PutLogEvents',
  'xray:PutTelemetryRecords',
  'xray:PutTraceSegments',
]);

const { template } = deployed();

/** What the resources of the template are called on this machine. */
const localArns = (): Arns => {
  const only = (type: string, arn: string) => [theResource(template, type).logicalId, arn] as const;
  const queue = resources(template, 'AWS::SQS::Queue').find(({ Properties }) => Properties.RedrivePolicy);
  return new Map([
    only('AWS::DynamoDB::Table', arnOf('dynamodb', 'table/photo-avatars')),
    only('AWS::SecretsManager::Secret', secretArn('joggai-api-key')),
    only('AWS::S3::Bucket', bucketArn('photo-avatars')),
    [queue?.logicalId ?? '', QUEUE] as const,
    ...resources(template, 'AWS::Logs::LogGroup').map(
      ({ logicalId }) => [logicalId, arnOf('logs', `log-group:${logicalId}`)] as const,
    ),
  ]);
};

const allowances = (name: Name): Allowance[] =>
  allowancesOf(template, name, localArns()).filter(({ action }) => !BY_LAMBDA.has(action));

const asText = ({ action, resource }: AwsCall): string => `${action} on ${resource}`;

let running: RunningService;
const servers: RunningServer[] = [];
const opened = async <Server extends RunningServer>(starting: Promise<Server>): Promise<Server> => {
  const server = await starting;
  servers.push(server);
  return server;
};

/** More than one part of an upload, S3's least being 5 MiB. */
const SEVERAL_PARTS = Buffer.concat([
  Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
  Buffer.alloc(6 * 1024 * 1024),
]);

/** Serves a picture of which only the first half comes until it breaks off. */
const startBreakingPicture = async () => {
  const { promise: broken, resolve: breakOff } = Promise.withResolvers<void>();
  const server = createHandlerServer(async (_request, response) => {
    response.writeHead(200, { 'content-type': 'image/png', 'content-length': 2 * SEVERAL_PARTS.length });
    response.write(SEVERAL_PARTS);
    await broken;
    response.destroy();
  });
  return { ...(await listen(server)), breakOff };
};

beforeAll(async () => {
  running = await startRunningService({
    // The code that is deployed, each function with endpoints of its own.
    prepare: async (name, { environment }) => {
      const recorded: Record<string, string> = {};
      for (const variable of ENDPOINT_VARIABLES) {
        const target = environment[variable] ?? '';
        recorded[variable] = (await opened(startRecordingEndpoint(variable, target, calls[name]))).url;
      }
      const { pathname } = new URL(environment.IMAGE_ORIGIN ?? '');
      return {
        entry: bundleHandler(name).entry,
        // Whoever opens a link does it in the name of the role that signed it.
        environment: {
          ...environment,
          ...recorded,
          IMAGE_ORIGIN: `${recorded.AWS_ENDPOINT_URL_S3}${pathname}`,
        },
      };
    },
  });
  await everythingThatTheServiceDoes();
});
afterAll(async () => {
  await running?.close();
  for (const server of servers) await server.close();
});

const withLinks = z.object({ images: z.array(z.object({ link: z.string() })).min(1) });

const everythingThatTheServiceDoes = async (): Promise<void> => {
  const { service, simulator, call, post, sendJson, reset } = running;
  const ledger = createLedger({ client: service.dynamoDb, tableName: service.tableName });
  const statusOf = async (id: string) => (await ledger.get(id))?.status;
  const events = createEventSender(service);
  // No generation ends before its end is what is looked at.
  simulator.control.configure({ generation: { durationMs: 3_600_000 } });

  // Asked and answered, looked up, dry, refused.
  const key = { 'idempotency-key': 'once' };
  const { id } = recordIn(await post(AVATAR, key));
  expect((await post(AVATAR, key)).status).toBe(200);
  expect((await post(AVATAR, {}, '/photo-avatars?dry_run=true')).status).toBe(200);
  expect((await post({})).status).toBe(422);
  for (const path of ['/photo-avatars', '/photo-avatars?status=generating', '/openapi.json'])
    expect((await call('GET', path)).status).toBe(200);
  expect((await events.invoke('api', AVATAR)).error).toBeUndefined();

  // Paused, and in the line.
  await sendJson('PATCH', '/account', { paused: true });
  const { id: waiting } = recordIn(await post(AVATAR, { prefer: 'respond-async' }));
  await sendJson('PATCH', '/account', { paused: false });
  await service.triggerDispatch();
  expect(await statusOf(waiting)).toBe('generating');

  // In doubt, until a person decides.
  simulator.control.addFault({ kind: 'reset', when: 'after_charging' });
  expect((await post()).status).toBe(504);
  const [doubted] = (await running.records()).filter(({ status }) => status === 'in_doubt');
  const settled = await sendJson('POST', `/photo-avatars/${doubted?.id}/resolution`, {
    action: 'close',
    reason: 'seen in the dashboard',
  });
  expect(settled.status).toBe(200);

  // By events, at once and in a batch.
  await events.send({ ...AVATAR, idempotency_key: 'by queue' });
  await events.putEvent(AVATAR);
  await events.send('no request');
  await eventually(async () => expect(await events.counts()).toEqual({ waiting: 0, setAside: 0 }));

  // Out of credit, which is announced, and back.
  simulator.control.configure({ credits: 0 });
  expect((await post()).status).toBe(402);
  await service.triggerDispatch();
  await reset();
  simulator.control.configure({ generation: { durationMs: 0 } });
  await service.triggerDispatch();

  // To the end: pictures, links, announcements. What the simulator forgot at the reset cannot be followed any more.
  const { id: followed } = recordIn(await post());
  const { id: broken } = recordIn(await post());
  const picture = await opened(startBreakingPicture());
  await change(ledger, followed, {});
  await change(ledger, broken, {
    status: 'succeeded',
    open: 'copying',
    images: [{ url: `${picture.url}/picture.png` }],
  });
  const upload = asText({
    action: 's3:PutObject',
    resource: bucketArn(`photo-avatars/images/${broken}/1.png`),
  });
  await Promise.all([
    service.triggerDispatch(),
    // An upload that has begun is one to abort.
    eventuallyTrue(() => calls.dispatch.some((made) => asText(made) === upload)).then(() =>
      picture.breakOff(),
    ),
  ]);
  expect(await statusOf(followed)).toBe('succeeded');
  const { images } = withLinks.parse((await call('GET', `/photo-avatars/${followed}`)).body);
  expect((await fetch(images[0]?.link ?? '')).status).toBe(200);
  expect((await call('GET', `/photo-avatars/${id}`)).status).toBe(200);

  // The key is replaced.
  await replaceKey(service, simulator, 'another-key');
  expect((await post()).status).toBe(201);
};

/** Makes a record due now, changed. */
const change = async (
  ledger: ReturnType<typeof createLedger>,
  id: string,
  fields: Partial<Awaited<ReturnType<(typeof ledger)['get']>>>,
): Promise<void> => {
  const record = await ledger.get(id);
  if (!record) throw new Error(`There is no record ${id}.`);
  const dueAt = new Date().toISOString();
  await ledger.replace({ ...record, dueAt, ...fields, version: record.version + 1 });
};

describe.each(NAMES)('the role of the function %s', (name) => {
  it('allows every call that the function makes', () => {
    const made = calls[FUNCTIONS[name]];
    expect(made.length).toBeGreaterThan(0);
    const refused = made.filter((call) => !allowances(name).some((allowance) => allows(allowance, call)));
    expect([...new Set(refused.map(asText))]).toEqual([]);
  });

  it('allows nothing that the function does not do', () => {
    const allowed = allowances(name);
    expect(allowed.length).toBeGreaterThan(0);
    const unused = allowed.filter(
      (allowance) => !calls[FUNCTIONS[name]].some((call) => allows(allowance, call)),
    );
    expect(unused.map(asText)).toEqual([]);
  });
});

describe('the roles', () => {
  it.each([
    ['Api', 'dynamodb:Query', arnOf('dynamodb', 'table/photo-avatars/index/open')],
    ['Intake', 's3:GetObject', bucketArn('photo-avatars/images/one.png')],
    ['Dispatch', 's3:PutObject', bucketArn('photo-avatars/elsewhere/one.png')],
    ['Dispatch', 'secretsmanager:GetSecretValue', secretArn('another')],
  ] as const)('refuse what another function or service may: %s, %s', (name, action, resource) => {
    expect(allowances(name).some((allowance) => allows(allowance, { action, resource }))).toBe(false);
  });
});
