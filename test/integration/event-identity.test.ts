import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startDynamoDB } from '../../local/emulators/dynamodb.ts';
import { LOCAL_ENVIRONMENT } from '../../local/environment.ts';
import { stubAws } from '../support/aws.ts';
import { createEventSender } from '../support/event-sender.ts';
import { eventually } from '../support/eventually.ts';
import { startLossyProxy } from '../support/lossy-proxy.ts';
import { AVATAR } from '../support/requests.ts';
import { startRunningService } from '../support/running-service.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).reverse()) await cleanUp();
});

const SERVICE = LOCAL_ENVIRONMENT.POWERTOOLS_SERVICE_NAME;

const start = async (options: Parameters<typeof startRunningService>[0] = {}) => {
  const running = await startRunningService(options);
  cleanups.push(() => running.close());
  // No generation ends during a test.
  running.simulator.control.configure({ generation: { durationMs: 3_600_000 } });
  const events = createEventSender(running.service);
  const untilCounts = (waiting: number, setAside: number) =>
    eventually(async () => expect(await events.counts()).toEqual({ waiting, setAside }));
  /** Waits until these are all records: the owner and the status of each. */
  const untilRecords = (...expected: readonly string[]) =>
    eventually(async () => {
      const records = await running.records();
      expect(records.map(({ owner, status }) => `${owner ?? 'invalid'}: ${status}`).sort()).toEqual(
        expected.toSorted(),
      );
    });
  return { ...running, events, untilCounts, untilRecords };
};

describe('an event that names a service', () => {
  it('is paid for by that service only, wherever it arrives', async () => {
    const { events, untilCounts, untilRecords, paidCalls, charges } = await start();
    await events.putEvent({ ...AVATAR, service: 'Other-PhotoAvatars', appearance: 'elsewhere' });
    await events.putEvent({ ...AVATAR, service: SERVICE, appearance: 'named' });
    await events.putEvent({ ...AVATAR, appearance: 'not named' });
    await events.send({ ...AVATAR, service: 'Other-PhotoAvatars', appearance: 'wrong queue' });
    await untilRecords(
      'eventbridge:my.shop: generating',
      'eventbridge:my.shop: generating',
      'invalid: rejected',
    );
    await untilCounts(0, 0);
    expect(
      paidCalls()
        .map(({ body }) => Object(body).appearance)
        .sort(),
    ).toEqual(['named', 'not named']);
    expect(charges()).toBe(2);
  });
});

describe('a sender that claims to be an event source on the queue', () => {
  it('does not take the place of the real event', async () => {
    const { events, untilRecords, charges } = await start();
    const detail = { ...AVATAR, idempotency_key: 'order-1' };
    await events.send({
      id: randomUUID(),
      source: 'my.shop',
      'detail-type': 'Photo Avatar Requested',
      detail: { ...detail, gender: 'Male' },
    });
    await untilRecords('queue: generating');
    await events.putEvent(detail);
    await untilRecords('queue: generating', 'eventbridge:my.shop: generating');
    await events.putEvent(detail);
    await events.putEvent({ ...detail, idempotency_key: 'order-2' });
    await untilRecords(
      'queue: generating',
      'eventbridge:my.shop: generating',
      'eventbridge:my.shop: generating',
    );
    expect(charges()).toBe(3);
  });
});

describe('an event that cannot be recorded', () => {
  it('is redriven to the queue of the rule, keeps its identity, and is charged once', async () => {
    const dynamoDb = await startDynamoDB({ tableName: 'photo-avatars' });
    const proxy = await startLossyProxy(dynamoDb.url);
    cleanups.push(dynamoDb.close, proxy.close, () => vi.unstubAllEnvs());
    stubAws({});
    const { events, untilCounts, untilRecords, charges, logs } = await start({
      endpoints: { AWS_ENDPOINT_URL_DYNAMODB: proxy.url },
    });

    proxy.refuse(true);
    const detail = { ...AVATAR, idempotency_key: 'order-1' };
    await events.putEvent(detail);
    const failures = () => logs.filter((line) => line.includes('Message not recorded'));
    for (let delivery = 1; delivery <= 5; delivery += 1) {
      await eventually(() => expect(failures()).toHaveLength(delivery));
      await events.redeliver();
    }
    await untilCounts(0, 1);

    proxy.refuse(false);
    expect(await events.redrive()).toBe(1);
    await untilRecords('eventbridge:my.shop: generating');
    await events.putEvent(detail);
    await untilCounts(0, 0);
    await untilRecords('eventbridge:my.shop: generating');
    expect(charges()).toBe(1);
  });
});
