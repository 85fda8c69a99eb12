import { expect, it } from 'vitest';
import type { Ledger } from '../../lambda/domain/ports.ts';
import { instantOf } from '../../lambda/domain/record/record.ts';
import { arrivalTimes } from '../../lambda/domain/submission/submission-rules.ts';
import { createMessageRecorder } from '../../lambda/intake/record-message.ts';
import { EVENT_QUEUE, SERVICE, sqsMessage } from '../support/messages.ts';
import { AVATAR } from '../support/requests.ts';
import { createWorld, T0 } from '../support/submission-world.ts';

const keyed = (key: string, appearance: string) => ({ ...AVATAR, appearance, idempotency_key: key });

/** Delivers requests as one batch, to a ledger of which `change` replaces operations. */
const deliverTogether = async (
  requests: readonly object[],
  change: (ledger: Ledger) => Partial<Ledger> = () => ({}),
) => {
  const world = createWorld();
  const record = createMessageRecorder({
    submitter: world.process(({ ledger }) => ({ ledger: { ...ledger, ...change(ledger) } })),
    serviceName: SERVICE,
    eventQueueArn: EVENT_QUEUE,
    onSubmission: () => {},
    onFailed: () => {},
  });
  const times = arrivalTimes(requests.length, T0);
  const invocation = world.invocation();
  const ends = await Promise.allSettled(
    requests.map((request, index) =>
      record(sqsMessage(request, { id: `message-${index}` }), invocation, times[index]),
    ),
  );
  return { ends: ends.map(({ status }) => status), records: world.ledger.records() };
};

it('the messages of a batch wait in their order, whichever is recorded first', async () => {
  const requests = Array.from({ length: 10 }, (_, index) => keyed(`key-${index}`, `number ${index}`));
  const waiting: (() => void)[] = [];
  const { records } = await deliverTogether(requests, ({ create }) => ({
    async create(record) {
      // The last one is recorded first.
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        if (waiting.length === requests.length) for (const start of waiting.toReversed()) start();
      });
      return create(record);
    },
  }));
  const line = records.toSorted((one, other) => ((one.dueAt ?? '') < (other.dueAt ?? '') ? -1 : 1));
  expect(records[0]?.request?.appearance).not.toBe('number 0');
  expect(line.map(({ request }) => request?.appearance)).toEqual(
    requests.map(({ appearance }) => appearance),
  );
  expect(new Set(line.map(({ dueAt }) => dueAt)).size).toBe(10);
  expect(line.at(-1)?.dueAt).toBe(instantOf(T0));
});

it('of messages with the same key in one batch, the first is recorded, and the others are recorded as rejected', async () => {
  const requests = ['first', 'second', 'third'].map((appearance) => keyed('order-7', appearance));
  let slow = true;
  const { ends, records } = await deliverTogether(requests, ({ create }) => ({
    async create(record) {
      // The first write takes longer than those that follow it.
      const turns = slow ? 100 : 0;
      slow = false;
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      return create(record);
    },
  }));
  expect(ends).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
  expect(records.map(({ status, request }) => [status, request?.appearance])).toEqual([
    ['queued', 'first'],
    ['rejected', undefined],
    ['rejected', undefined],
  ]);
});

it('a message whose record fails returns to the queue, and does not keep another one with the same key from its record', async () => {
  const requests = ['first', 'second'].map((appearance) => keyed('order-7', appearance));
  const { ends, records } = await deliverTogether([...requests, keyed('other', 'third')], ({ create }) => ({
    create: (record) =>
      record.request?.appearance === 'first' ? Promise.reject(new Error('no answer')) : create(record),
  }));
  expect(ends).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  expect(records.map(({ request }) => request?.appearance).toSorted()).toEqual(['second', 'third']);
});
