import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startProxy } from '../../bench/far-side/proxy.ts';
import { startDynamoDB } from '../../local/stand-ins/dynamodb.ts';
import { stubAws } from '../support/aws.ts';
import { eventuallyTrue } from '../support/eventually.ts';
import { AVATAR } from '../support/requests.ts';
import { type RunningService, recordIn, startRunningService } from '../support/running-service.ts';

const cleanups: (() => unknown)[] = [];
/** Told of each call of DynamoDB as it arrives. */
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
    // What a process has seen of the gate is never too old to decide on: it reads nothing anew.
    environment: { JOGGAI_WINDOW_SECONDS: '3600' },
  });
  cleanups.push(() => running.close());
});
beforeEach(() => running.reset());
afterAll(async () => {
  for (const cleanUp of cleanups.reverse()) await cleanUp();
});

const post = (key: string) => running.post(AVATAR, { 'idempotency-key': key });
/** Waits until JoggAI has read a paid call, and does to it what it was told to do. */
const untilJoggAi = (kind: string) =>
  eventuallyTrue(() => running.paidCalls().some(({ fault }) => fault === kind));

describe('a function that is killed while JoggAI answers', () => {
  it.each(['before_charging', 'after_charging'] as const)(
    'leaves a request that is never sent again (%s)',
    async (when) => {
      const key = `killed-${when}`;
      running.simulator.control.addFault({ kind: 'delay', when, milliseconds: 'until_cleared' });
      const first = post(key);
      await untilJoggAi('delay');
      await running.service.api.kill();
      expect((await first).status).toBe(500);

      for (let again = 0; again < 3; again += 1) {
        const answer = await post(key);
        expect(answer.status).toBe(200);
        expect(recordIn(answer)).toMatchObject({ status: 'submitting', charged: 'unknown', attempts: 1 });
      }
      // JoggAI goes on with what it was sent, whoever has left meanwhile.
      running.simulator.control.clearFaults();
      await eventuallyTrue(() => running.charges() > 0);
      expect(running.paidCalls()).toHaveLength(1);
      expect(running.charges()).toBe(1);
    },
  );

  it('does not keep other requests from being served', async () => {
    running.simulator.control.addFault({ kind: 'hang' });
    const first = post('killed-and-others');
    await untilJoggAi('hang');
    await running.service.api.kill();
    await first;
    expect((await post('another')).status).toBe(201);
    expect(running.charges()).toBe(1);
  });
});

describe('a function that is killed as its call of DynamoDB arrives', () => {
  // Two before the paid call, two after it.
  it.each([
    [1, 'at most once'],
    [2, 'at most once'],
    [3, 'once'],
    [4, 'once'],
  ] as const)(
    'number %i leaves a request that is paid %s, however often it is asked for again',
    async (fatal, paid) => {
      const key = `killed-at-${fatal}`;
      await post(`before-${key}`);
      const before = running.charges();
      let calls = 0;
      onDynamoDbCall = () => {
        calls += 1;
        if (calls === fatal) running.service.api.kill();
      };
      expect((await post(key)).status).toBe(500);
      onDynamoDbCall = () => {};
      for (let again = 0; again < 2; again += 1) await post(key);
      const charges = running.charges() - before;
      expect(charges).toBeLessThanOrEqual(1);
      if (paid === 'once') expect(charges).toBe(1);
    },
  );
});
