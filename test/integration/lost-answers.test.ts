import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startDynamoDB } from '../../local/emulators/dynamodb.ts';
import { stubAws } from '../support/aws.ts';
import { eventually } from '../support/eventually.ts';
import { type LossyProxy, startLossyProxy } from '../support/lossy-proxy.ts';
import { AVATAR } from '../support/requests.ts';
import { type RunningService, recordIn, startRunningService } from '../support/running-service.ts';

const cleanups: (() => unknown)[] = [];
let proxy: LossyProxy;
let running: RunningService;
beforeAll(async () => {
  const dynamoDb = await startDynamoDB({ tableName: 'photo-avatars' });
  cleanups.push(dynamoDb.close);
  proxy = await startLossyProxy(dynamoDb.url);
  cleanups.push(proxy.close, () => vi.unstubAllEnvs());
  stubAws({});
  running = await startRunningService({ endpoints: { AWS_ENDPOINT_URL_DYNAMODB: proxy.url } });
  cleanups.push(() => running.close());
  // Warms the function up: with a cached view of the gate it writes first, and reads only after a conflict.
  await running.post();
});
afterAll(async () => {
  for (const cleanUp of cleanups.reverse()) await cleanUp();
});

it.each([1, 2, 3])(
  'a request is recorded and charged once, even if %i responses of DynamoDB are lost',
  async (losses) => {
    const before = running.charges();
    const headers = { 'idempotency-key': `lost-${losses}` };
    proxy.loseAnswers(losses);
    const answer = await running.post(AVATAR, headers);
    expect(answer.status).toBe(201);
    expect(recordIn(answer)).toMatchObject({ status: 'generating', attempts: 1 });
    expect(await running.post(AVATAR, headers)).toMatchObject({ status: 200, body: answer.body });
    expect(running.charges() - before).toBe(1);
  },
);

it('an outcome is recorded, even if the responses to its writes are lost', async () => {
  const { simulator, paidCalls, post, call } = running;
  simulator.control.addFault({ kind: 'delay', milliseconds: 'until_cleared' });
  const pending = post(AVATAR, { 'idempotency-key': 'late-loss' });
  await eventually(() => expect(paidCalls().at(-1)?.fault).toBe('delay'));
  proxy.loseAnswers(2);
  simulator.control.clearFaults();
  const answer = await pending;
  expect(answer.status).toBe(201);
  const { id } = recordIn(answer);
  expect(recordIn(await call('GET', `/photo-avatars/${id}`))).toMatchObject({ status: 'generating' });
});
