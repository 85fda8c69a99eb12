import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startDynamoDB } from '../../local/emulators/dynamodb.ts';
import { startProxy } from '../../local/proxy.ts';
import { stubAws } from '../support/aws.ts';
import { eventuallyTrue } from '../support/eventually.ts';
import { AVATAR } from '../support/requests.ts';
import { type RunningService, recordIn, startRunningService } from '../support/running-service.ts';

const cleanups: (() => unknown)[] = [];
/** Runs when a call to DynamoDB arrives. */
let onDynamoDbCall = () => {};
let running: RunningService;
beforeAll(async () => {
  const dynamoDb = await startDynamoDB({ tableName: 'photo-avatars' });
  cleanups.push(dynamoDb.close);
  const proxy = await startProxy({ target: dynamoDb.url, onBegin: () => onDynamoDbCall() });
  cleanups.push(proxy.close, () => vi.unstubAllEnvs());
  stubAws({});
  running = await startRunningService({
    endpoints: { AWS_ENDPOINT_URL_DYNAMODB: proxy.url },
    // With a long window the cached view of the gate does not expire, so the number of DynamoDB calls is fixed.
    environment: { JOGGAI_WINDOW_SECONDS: '3600' },
  });
  cleanups.push(() => running.close());
});
beforeEach(() => running.reset());
afterAll(async () => {
  for (const cleanUp of cleanups.reverse()) await cleanUp();
});

const post = (key: string) => running.post(AVATAR, { 'idempotency-key': key });
/** Waits until JoggAI has received a paid call to which this fault applies. */
const untilFaultApplies = (kind: string) =>
  eventuallyTrue(() => running.paidCalls().some(({ fault }) => fault === kind));

describe('a function killed during a call to JoggAI', () => {
  it.each(['before_charging', 'after_charging'] as const)(
    'does not send the request again (%s)',
    async (when) => {
      const key = `killed-${when}`;
      running.simulator.control.addFault({ kind: 'delay', when, milliseconds: 'until_cleared' });
      const interrupted = post(key);
      await untilFaultApplies('delay');
      await running.service.api.kill();
      expect((await interrupted).status).toBe(500);

      for (let again = 0; again < 3; again += 1) {
        const answer = await post(key);
        expect(answer.status).toBe(200);
        expect(recordIn(answer)).toMatchObject({ status: 'submitting', charged: 'unknown', attempts: 1 });
      }
      // JoggAI completes the call although its caller has disconnected.
      running.simulator.control.clearFaults();
      await eventuallyTrue(() => running.charges() > 0);
      expect(running.paidCalls()).toHaveLength(1);
      expect(running.charges()).toBe(1);
    },
  );

  it('does not prevent other requests', async () => {
    running.simulator.control.addFault({ kind: 'hang' });
    const interrupted = post('killed-and-others');
    await untilFaultApplies('hang');
    await running.service.api.kill();
    await interrupted;
    expect((await post('another')).status).toBe(201);
    expect(running.charges()).toBe(1);
  });
});

describe('a function killed when a call to DynamoDB arrives', () => {
  // Two before the paid call, two after it.
  it.each([
    [1, 'at most once'],
    [2, 'at most once'],
    [3, 'once'],
    [4, 'once'],
  ] as const)(
    '(call %i) has its request charged %s, however often the request is repeated',
    async (fatalCall, charged) => {
      const key = `killed-at-${fatalCall}`;
      await post(`before-${key}`);
      const before = running.charges();
      let calls = 0;
      onDynamoDbCall = () => {
        calls += 1;
        if (calls === fatalCall) running.service.api.kill();
      };
      expect((await post(key)).status).toBe(500);
      onDynamoDbCall = () => {};
      for (let again = 0; again < 2; again += 1) await post(key);
      const charges = running.charges() - before;
      expect(charges).toBeLessThanOrEqual(1);
      if (charged === 'once') expect(charges).toBe(1);
    },
  );
});
