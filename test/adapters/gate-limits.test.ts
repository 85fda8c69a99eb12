import type { UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createGateStore } from '../../lambda/adapters/gate-store.ts';
import { createGate } from '../../lambda/domain/gate/gate.ts';
import { type Store, startStore, TABLE } from '../support/store.ts';

let store: Store;
beforeAll(async () => {
  store = await startStore();
});
afterAll(() => store.close());

/** Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const MAX_EXPRESSION_BYTES = 4 * 1024;

/** The highest rate that the settings allow. */
const SLOTS = 1_000;

it('the gate stays within DynamoDB’s limit of an expression near the daily limit, at the highest rate', async () => {
  // The emulator accepts expressions of any size.
  const sizes: number[] = [];
  store.client.middlewareStack.add(
    (next) => (args) => {
      const { UpdateExpression = '', ConditionExpression = '' } = args.input as UpdateItemCommandInput;
      sizes.push(Buffer.byteLength(UpdateExpression), Buffer.byteLength(ConditionExpression));
      return next(args);
    },
    { step: 'initialize', name: 'expressionSizes' },
  );
  const gate = createGate({
    store: createGateStore(store.client, TABLE),
    settings: { slots: SLOTS, windowMs: 60_000, dailyCallLimit: 100 },
    clock: () => 1_000,
  });
  const acquire = (attemptId: string) => gate.acquire({ attemptId, leaseUntil: 2_000, key: 'fingerprint' });

  for (let call = 0; call < 100; call += 1) {
    expect(await acquire(`attempt-${call}`)).toMatchObject({ kind: 'admitted' });
  }
  expect(await acquire('one too many')).toMatchObject({
    kind: 'rejected',
    rejection: { kind: 'daily_limit_reached' },
  });
  expect(sizes.length).toBeGreaterThan(100);
  expect(Math.max(...sizes)).toBeGreaterThan(0);
  expect(Math.max(...sizes)).toBeLessThan(MAX_EXPRESSION_BYTES);
});
