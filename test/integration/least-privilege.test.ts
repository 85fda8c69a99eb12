import { randomUUID } from 'node:crypto';
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
const QUEUES = {
  PhotoAvatarsRequestsQueue: arnOf('sqs', 'photo-avatars'),
  PhotoAvatarsEventsQueue: arnOf('sqs', 'photo-avatars-events'),
};

/**
 * Calls that the Lambda event source mapping makes with the role of the function.
 * Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-lambda-function-trigger.html
 */
calls.intake.push(
  ...Object.values(QUEUES).flatMap((resource) =>
    ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'].map((action) => ({
      action,
      resource,
    })),
  ),
);

/** Calls that Lambda makes with the role for its logs. The recording endpoints do not receive them. */
const BY_LAMBDA = new Set(['logs:CreateLogStream', 'logs:PutLogEvents']);

const { template } = deployed();

/** The ARNs of the local resources, by the logical ids of the template. */
const localArns = (): Arns => {
  const only = (type: string, arn: string) => [theResource(template, type).logicalId, arn] as const;
  const queues = resources(template, 'AWS::SQS::Queue').map(({ logicalId }) => logicalId);
  return new Map([
    only('AWS::DynamoDB::Table', arnOf('dynamodb', 'table/photo-avatars')),
    only('AWS::SecretsManager::Secret', secretArn('joggai-api-key')),
    only('AWS::S3::Bucket', bucketArn('photo-avatars')),
    ...Object.entries(QUEUES).map(
      ([prefix, arn]) => [queues.find((id) => id.startsWith(prefix)) ?? '', arn] as const,
    ),
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

/** Larger than one part of a multipart upload: S3 requires at least 5 MiB for each part but the last. */
const SEVERAL_PARTS = Buffer.concat([
  Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
  Buffer.alloc(6 * 1024 * 1024),
]);

/** Serves the first half of an image, then closes the connection. */
const startBrokenImage = async () => {
  const { promise: closed, resolve: closeConnection } = Promise.withResolvers<void>();
  const server = createHandlerServer(async (_request, response) => {
    response.writeHead(200, { 'content-type': 'image/png', 'content-length': 2 * SEVERAL_PARTS.length });
    response.write(SEVERAL_PARTS);
    await closed;
    response.destroy();
  });
  return { ...(await listen(server)), closeConnection };
};

beforeAll(async () => {
  running = await startRunningService({
    // The deployed code. Each function has separate endpoints, so that its calls are recorded separately.
    prepare: async (name, { environment }) => {
      const recorded: Record<string, string> = {};
      for (const variable of ENDPOINT_VARIABLES) {
        const target = environment[variable] ?? '';
        recorded[variable] = (await opened(startRecordingEndpoint(variable, target, calls[name]))).url;
      }
      const { pathname } = new URL(environment.IMAGE_ORIGIN ?? '');
      return {
        entry: bundleHandler(name).entry,
        // A request through a signed link uses the permissions of the role that signed it.
        environment: {
          ...environment,
          ...recorded,
          IMAGE_ORIGIN: `${recorded.AWS_ENDPOINT_URL_S3}${pathname}`,
        },
      };
    },
  });
  await exerciseEveryCall();
});
afterAll(async () => {
  await running?.close();
  for (const server of servers) await server.close();
});

const withLinks = z.object({ images: z.array(z.object({ link: z.string() })).min(1) });

const exerciseEveryCall = async (): Promise<void> => {
  const { service, simulator, call, post, sendJson, reset } = running;
  const ledger = createLedger({ client: service.dynamoDb, tableName: service.tableName });
  const statusOf = async (id: string) => (await ledger.get(id))?.status;
  const events = createEventSender(service);
  // Generations must not end before the last part of this function.
  simulator.control.configure({ generation: { durationMs: 3_600_000 } });

  // Submit, replay, dry run, rejection, reads.
  const key = { 'idempotency-key': 'once' };
  const { id } = recordIn(await post(AVATAR, key));
  expect((await post(AVATAR, key)).status).toBe(200);
  expect((await post(AVATAR, {}, '/photo-avatars?dry_run=true')).status).toBe(200);
  expect((await post({})).status).toBe(422);
  for (const path of [
    '/photo-avatars',
    '/photo-avatars?status=generating',
    '/photo-avatars?caller=x',
    '/openapi.json',
  ])
    expect((await call('GET', path)).status).toBe(200);
  expect((await events.invoke('api', AVATAR)).error).toBeUndefined();

  // Pause, and queue a request.
  await sendJson('PATCH', '/account', { paused: true });
  const { id: queued } = recordIn(await post(AVATAR, { prefer: 'respond-async' }));
  // Its place is counted in the index of open records.
  expect((await call('GET', `/photo-avatars/${queued}`)).body).toMatchObject({ position: { ahead: 0 } });
  await sendJson('PATCH', '/account', { paused: false });
  await service.triggerDispatch();
  expect(await statusOf(queued)).toBe('generating');

  // In doubt, then resolved.
  simulator.control.addFault({ kind: 'reset', when: 'after_charging' });
  expect((await post()).status).toBe(504);
  const [inDoubt] = (await running.records()).filter(({ status }) => status === 'in_doubt');
  const resolved = await sendJson('POST', `/photo-avatars/${inDoubt?.id}/resolution`, {
    action: 'close',
    version: inDoubt?.version,
    reason: 'seen in the dashboard',
  });
  expect(resolved.status).toBe(200);

  // Events.
  await events.send({ ...AVATAR, idempotency_key: 'by queue' });
  await events.putEvent(AVATAR);
  await events.send('not a request');
  await eventually(async () => expect(await events.counts()).toEqual({ waiting: 0, setAside: 0 }));

  // The credit runs out and returns: dispatch publishes both changes.
  simulator.control.configure({ credits: 0 });
  expect((await post()).status).toBe(402);
  await service.triggerDispatch();
  await reset();
  simulator.control.configure({ generation: { durationMs: 0 } });
  await service.triggerDispatch();

  // Intake submits an event: the gate is open, and a new process has not seen it closed.
  await service.intake.kill();
  const drains = () => calls.intake.filter(({ action }) => action === 'dynamodb:UpdateItem').length;
  await events.send({ ...AVATAR, idempotency_key: 'submitted by intake' });
  await eventuallyTrue(() => drains() >= 2);

  // Generations end: images are copied, links are signed, events are published.
  // The reset removed all earlier generations from the simulator, so these requests are new.
  const { id: completed } = recordIn(await post());
  const { id: broken } = recordIn(await post());
  const image = await opened(startBrokenImage());
  await change(ledger, completed, {});
  await change(ledger, broken, {
    status: 'succeeded',
    open: 'copying',
    images: [{ url: `${image.url}/image.png` }],
  });
  const upload = asText({
    action: 's3:PutObject',
    resource: bucketArn(`photo-avatars/images/${broken}/1.png`),
  });
  await Promise.all([
    service.triggerDispatch(),
    // Closes the connection during the upload, so that dispatch aborts the upload.
    eventuallyTrue(() => calls.dispatch.some((made) => asText(made) === upload)).then(() =>
      image.closeConnection(),
    ),
  ]);
  expect(await statusOf(completed)).toBe('succeeded');
  const { images } = withLinks.parse((await call('GET', `/photo-avatars/${completed}`)).body);
  expect((await fetch(images[0]?.link ?? '')).status).toBe(200);
  expect((await call('GET', `/photo-avatars/${id}`)).status).toBe(200);

  // Cancel a queued request, and erase one that has images.
  const { id: unwanted } = recordIn(await post(AVATAR, { prefer: 'respond-async' }));
  expect((await call('POST', `/photo-avatars/${unwanted}/cancellation`)).status).toBe(200);
  expect((await call('DELETE', `/photo-avatars/${completed}`)).status).toBe(202);
  await service.triggerDispatch();
  expect((await fetch(images[0]?.link ?? '')).status).toBe(404);

  // With many open records, dispatch reads each state for itself.
  const generating = await ledger.get(id);
  for (let count = 0; generating && count < 30; count += 1) {
    await ledger.create({ ...generating, id: randomUUID(), dueAt: '2100-01-01T00:00:00.000Z' });
  }
  await service.triggerDispatch();

  // Replace the API key.
  await replaceKey(service, simulator, 'another-key');
  expect((await post()).status).toBe(201);
};

/** Changes a record and makes it due now. */
const change = async (
  ledger: ReturnType<typeof createLedger>,
  id: string,
  fields: Partial<Awaited<ReturnType<(typeof ledger)['get']>>>,
): Promise<void> => {
  const record = await ledger.get(id);
  if (!record) throw new Error(`Record ${id} not found.`);
  const dueAt = new Date().toISOString();
  await ledger.replace({ ...record, dueAt, ...fields, version: record.version + 1 });
};

describe.each(NAMES)('the role of the function %s', (name) => {
  it('allows every call that the function makes', () => {
    const made = calls[FUNCTIONS[name]];
    expect(made.length).toBeGreaterThan(0);
    const denied = made.filter((call) => !allowances(name).some((allowance) => allows(allowance, call)));
    expect([...new Set(denied.map(asText))]).toEqual([]);
  });

  it('allows no call that the function does not make', () => {
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
    ['Intake', 'dynamodb:Query', arnOf('dynamodb', 'table/photo-avatars/index/byStatus')],
    ['Intake', 's3:GetObject', bucketArn('photo-avatars/images/one.png')],
    ['Dispatch', 'dynamodb:Query', arnOf('dynamodb', 'table/photo-avatars/index/byCaller')],
    ['Dispatch', 's3:PutObject', bucketArn('photo-avatars/elsewhere/one.png')],
    ['Dispatch', 's3:ListBucketVersions', bucketArn('photo-avatars')],
    ['Dispatch', 's3:DeleteObject', bucketArn('photo-avatars/elsewhere/one.png')],
    ['Api', 's3:DeleteObject', bucketArn('photo-avatars/images/one.png')],
    ['Dispatch', 'secretsmanager:GetSecretValue', secretArn('another')],
  ] as const)('deny calls that only another function or service needs: %s, %s', (name, action, resource) => {
    const call = { action, resource, prefix: 'elsewhere/' };
    expect(allowances(name).some((allowance) => allows(allowance, call))).toBe(false);
  });
});
