import { afterEach, describe, expect, it, vi } from 'vitest';
import { METRIC } from '../../lambda/shared/metrics.ts';
import { startDynamoDB } from '../../local/emulators/dynamodb.ts';
import { stubAws } from '../support/aws.ts';
import { createEventSender } from '../support/event-sender.ts';
import { eventually, eventuallyTrue } from '../support/eventually.ts';
import { startLossyProxy } from '../support/lossy-proxy.ts';
import { AVATAR } from '../support/requests.ts';
import { startRunningService } from '../support/running-service.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).reverse()) await cleanUp();
});

const RATE = 5;
const WINDOW_SECONDS = 1;

/** The service and the simulator with a short rate-limit window. */
const start = async (options: Parameters<typeof startRunningService>[0] = {}) => {
  const running = await startRunningService({
    environment: {
      JOGGAI_CALLS_PER_WINDOW: String(RATE),
      JOGGAI_WINDOW_SECONDS: String(WINDOW_SECONDS),
    },
    ...options,
  });
  cleanups.push(() => running.close());
  running.simulator.control.configure({
    rate: { limit: RATE, windowMs: WINDOW_SECONDS * 1_000 },
    generation: { durationMs: 3_600_000 },
  });
  const events = createEventSender(running.service);
  const statuses = async () => (await running.records()).map(({ status }) => status).sort();
  const until = (expected: readonly string[]) =>
    eventually(async () => expect(await statuses()).toEqual(expected));
  const untilCounts = (expected: Awaited<ReturnType<typeof events.counts>>) =>
    eventually(async () => expect(await events.counts()).toEqual(expected));
  /** Waits until the gate admits a call: the account is not blocked, or a probe is due. */
  const untilOpen = () =>
    eventually(async () =>
      expect((await running.call('GET', '/account')).body).toMatchObject({ state: 'open' }),
    );
  /** Runs dispatch. Returns the values of the insufficient-credit metric that it emits. */
  const creditGauge = async () => {
    running.logs.length = 0;
    await running.service.triggerDispatch();
    return [lastValue(running.logs, METRIC.insufficientCredit)].flat();
  };
  return { ...running, events, until, untilCounts, untilOpen, creditGauge };
};

const times = <Item>(count: number, item: Item): Item[] => Array.from({ length: count }, () => item);

/** The last value of a metric in the logs. */
const lastValue = (logs: readonly string[], name: string): unknown => {
  const line = logs.findLast((each) => each.includes('"_aws"') && each.includes(`"${name}":`));
  return line === undefined ? undefined : JSON.parse(line)[name];
};

describe('a message that cannot be recorded', () => {
  it('returns to the queue, moves to the dead-letter queue, and is recorded and charged once after a redrive', async () => {
    const dynamoDb = await startDynamoDB({ tableName: 'photo-avatars' });
    const proxy = await startLossyProxy(dynamoDb.url);
    cleanups.push(dynamoDb.close, proxy.close, () => vi.unstubAllEnvs());
    stubAws({});
    const { events, until, untilCounts, records, charges, logs } = await start({
      endpoints: { AWS_ENDPOINT_URL_DYNAMODB: proxy.url },
    });

    proxy.refuse(true);
    await events.send({ ...AVATAR, idempotency_key: 'only-once' });
    const failures = () => logs.filter((line) => line.includes('Message not recorded'));
    for (let delivery = 1; delivery <= 5; delivery += 1) {
      await eventually(() => expect(failures()).toHaveLength(delivery));
      await events.redeliver();
    }
    await untilCounts({ waiting: 0, setAside: 1 });
    expect(failures()).toHaveLength(5);
    expect(lastValue(logs, METRIC.unexpectedError)).toBe(1);
    expect(charges()).toBe(0);

    proxy.refuse(false);
    expect(await records()).toEqual([]);
    expect(await events.redrive()).toBe(1);
    await until(['generating']);
    await events.send({ ...AVATAR, idempotency_key: 'only-once' });
    await untilCounts({ waiting: 0, setAside: 0 });
    expect(await records()).toHaveLength(1);
    expect(charges()).toBe(1);
  });
});

describe('an intake function that is killed', () => {
  it('during a call to JoggAI leaves a request that is charged once, even if its message is redelivered', async () => {
    const { events, untilCounts, service, simulator, paidCalls, records, charges } = await start();
    // Starts dispatch first, so that its cold start does not count towards the lease of the claim.
    await service.triggerDispatch();
    simulator.control.addFault({ kind: 'delay', when: 'after_charging', milliseconds: 'until_cleared' });
    await events.send(AVATAR);
    await eventuallyTrue(() => charges() > 0);
    await service.intake.kill();
    await events.redeliver();
    await untilCounts({ waiting: 0, setAside: 0 });
    await events.invoke('dispatch', {});
    expect(await records()).toMatchObject([{ status: 'submitting', charged: 'unknown', attempts: 1 }]);
    expect(paidCalls()).toHaveLength(1);
    expect(charges()).toBe(1);
  });
});

describe('more requests than the rate allows', () => {
  it('are drained by the scheduled dispatch without a 429 from JoggAI', async () => {
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
    // The rate limit allows the last requests after three windows at the earliest.
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(3 * WINDOW_SECONDS * 1_000);
  });
});

describe('while the account is blocked', () => {
  it('requests are queued and the gauge stays at 1, until credit returns and a probe ends the block', async () => {
    const { events, until, untilCounts, untilOpen, creditGauge, simulator, charges } = await start();
    simulator.control.configure({ credits: 0 });
    await events.send(AVATAR);
    await events.send({ ...AVATAR, gender: 'Male' });
    await untilCounts({ waiting: 0, setAside: 0 });
    await until(['queued', 'queued']);

    expect(await creditGauge()).toContain(1);
    // The gauge also stays at 1 while a probe is due, and after JoggAI rejects the probe.
    await untilOpen();
    expect(await creditGauge()).toContain(1);
    expect(await creditGauge()).toContain(1);
    await until(['queued', 'queued']);
    expect(charges()).toBe(0);

    simulator.control.configure({ credits: 10 });
    await eventually(async () => expect(await creditGauge()).toEqual([0]));
    await until(['generating', 'generating']);
    expect(charges()).toBe(2);
  });

  it('the gauge stays at 1 without further requests, until a call succeeds', async () => {
    const { post, untilOpen, creditGauge, simulator } = await start();
    simulator.control.configure({ credits: 0 });
    expect((await post()).status).toBe(402);
    // A probe is due, but no request has made it.
    await untilOpen();
    expect(await creditGauge()).toEqual([1]);
    simulator.control.configure({ credits: 10 });
    expect((await post()).status).toBe(201);
    expect(await creditGauge()).toEqual([0]);
  });
});
