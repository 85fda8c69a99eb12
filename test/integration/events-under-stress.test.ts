import { afterEach, describe, expect, it, vi } from 'vitest';
import { METRIC } from '../../lambda/metrics.ts';
import { startDynamoDB } from '../../local/stand-ins/dynamodb.ts';
import { stubAws } from '../support/aws.ts';
import { createEventSender } from '../support/event-sender.ts';
import { startLossyProxy } from '../support/lossy-proxy.ts';
import { AVATAR } from '../support/requests.ts';
import { startRunningService } from '../support/running-service.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).reverse()) await cleanUp();
});

const RATE = 5;
const WINDOW_SECONDS = 2;

/** The service with JoggAI's minute scaled down, for both of them. */
const start = async (options: Parameters<typeof startRunningService>[0] = {}) => {
  const running = await startRunningService({
    environment: {
      JOGGAI_CALLS_PER_WINDOW: String(RATE),
      JOGGAI_WINDOW_SECONDS: String(WINDOW_SECONDS),
    },
    visibilityTimeoutSeconds: 1,
    ...options,
  });
  cleanups.push(() => running.close());
  running.simulator.control.configure({ rate: { limit: RATE, windowMs: WINDOW_SECONDS * 1_000 } });
  const events = createEventSender(running.service);
  const statuses = async () => (await running.records()).map(({ status }) => status).sort();
  const until = (expected: readonly string[]) =>
    vi.waitFor(async () => expect(await statuses()).toEqual(expected), { timeout: 40_000, interval: 100 });
  return { ...running, events, until };
};

const times = <Item>(count: number, item: Item): Item[] => Array.from({ length: count }, () => item);

/** The last value of a metric in what the functions printed. */
const lastValue = (logs: readonly string[], name: string): unknown => {
  const line = logs.findLast((each) => each.includes('"_aws"') && each.includes(`"${name}":`));
  return line === undefined ? undefined : JSON.parse(line)[name];
};

describe('what cannot be recorded', () => {
  it('goes back to the queue, is set aside, and recorded and paid for once when it is put back', async () => {
    const dynamoDb = await startDynamoDB({ tableName: 'photo-avatars' });
    const proxy = await startLossyProxy(dynamoDb.url);
    stubAws({});
    cleanups.push(dynamoDb.close, proxy.close, () => vi.unstubAllEnvs());
    const { events, until, records, charges, logs } = await start({
      endpoints: { AWS_ENDPOINT_URL_DYNAMODB: proxy.url },
    });

    proxy.refuse(true);
    await events.send({ ...AVATAR, idempotency_key: 'only-once' });
    await vi.waitFor(async () => expect(await events.counts()).toEqual({ waiting: 0, setAside: 1 }), {
      timeout: 50_000,
      interval: 200,
    });
    expect(logs.filter((line) => line.includes('Message not recorded'))).toHaveLength(5);
    expect(lastValue(logs, METRIC.unexpectedError)).toBe(1);
    expect(charges()).toBe(0);

    proxy.refuse(false);
    expect(await records()).toEqual([]);
    expect(await events.redrive()).toBe(1);
    await until(['generating']);
    await events.send({ ...AVATAR, idempotency_key: 'only-once' });
    await vi.waitFor(async () => expect(await events.counts()).toEqual({ waiting: 0, setAside: 0 }), 30_000);
    expect(await records()).toHaveLength(1);
    expect(charges()).toBe(1);
  });
});

describe('an intake that is killed', () => {
  it('while JoggAI answers leaves a request that is paid for once, though its message comes again', async () => {
    const { events, service, simulator, paidCalls, records, charges } = await start();
    simulator.control.addFault({ kind: 'delay', when: 'after_charging', milliseconds: 2_000 });
    await events.send(AVATAR);
    await vi.waitUntil(() => paidCalls().length > 0, { timeout: 30_000, interval: 10 });
    await service.intake.kill();
    await vi.waitFor(async () => expect(await events.counts()).toEqual({ waiting: 0, setAside: 0 }), 30_000);
    await events.invoke('dispatch', {});
    expect(await records()).toMatchObject([{ status: 'submitting', charged: 'unknown', attempts: 1 }]);
    expect(paidCalls()).toHaveLength(1);
    expect(charges()).toBe(1);
  });
});

describe('more requests than the rate allows', () => {
  it('are drained by the scheduled dispatch without one 429', async () => {
    const { events, until, paidCalls, records } = await start({ scheduleEveryMs: 500 });
    const count = 4 * RATE;
    const startedAt = Date.now();
    await Promise.all(
      Array.from({ length: count }, (_, index) => events.send({ ...AVATAR, appearance: `number ${index}` })),
    );
    await until(times(count, 'generating'));
    expect(paidCalls()).toHaveLength(count);
    expect(paidCalls().map(({ answer }) => answer?.code)).toEqual(times(count, 0));
    for (const { attempts } of await records()) expect(attempts).toBe(1);
    // Three windows have to pass until the last ones may go.
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(3 * WINDOW_SECONDS * 1_000);
  });
});

describe('while the account is blocked', () => {
  it('requests wait, the gauge stays at 1, and both end by themselves when there is credit again', async () => {
    const { events, until, simulator, logs, charges } = await start();
    simulator.control.configure({ credits: 0 });
    await events.send(AVATAR);
    await events.send({ ...AVATAR, gender: 'Male' });
    await vi.waitFor(async () => expect(await events.counts()).toMatchObject({ waiting: 0 }), 30_000);
    await until(['queued', 'queued']);

    // Also when the block's time is over and a probe may go: nothing says yet that there is credit.
    const triggered = () => events.invoke('dispatch', {});
    for (let run = 0; run < 3; run += 1) {
      logs.length = 0;
      await triggered();
      expect([lastValue(logs, METRIC.insufficientCredit)].flat()).toContain(1);
      await new Promise((resolve) => setTimeout(resolve, 400));
    }
    await until(['queued', 'queued']);
    expect(charges()).toBe(0);

    simulator.control.configure({ credits: 10 });
    await vi.waitFor(
      async () => {
        logs.length = 0;
        await triggered();
        expect(lastValue(logs, METRIC.insufficientCredit)).toBe(0);
      },
      { timeout: 40_000, interval: 500 },
    );
    await until(['generating', 'generating']);
    expect(charges()).toBe(2);
  });

  it('the gauge stays at 1 also when nobody asks, until a call shows that there is credit again', async () => {
    const { events, post, call, simulator, logs } = await start();
    simulator.control.configure({ credits: 0 });
    expect((await post()).status).toBe(402);
    const gauge = async () => {
      logs.length = 0;
      await events.invoke('dispatch', {});
      return lastValue(logs, METRIC.insufficientCredit);
    };
    // The next one may try, and nobody has.
    await vi.waitFor(
      async () => expect((await call('GET', '/account')).body).toMatchObject({ state: 'open' }),
      { timeout: 30_000, interval: 200 },
    );
    expect(await gauge()).toBe(1);
    simulator.control.configure({ credits: 10 });
    expect((await post()).status).toBe(201);
    expect(await gauge()).toBe(0);
  });
});
