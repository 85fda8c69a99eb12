import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLedger } from '../../lambda/adapters/ledger.ts';
import type { AvatarRecord } from '../../lambda/domain/record/record.ts';
import { generating, MINUTE, T0 } from '../support/completion-world.ts';
import { type Store, startStore, TABLE } from '../support/store.ts';

let store: Store;
let ledger: ReturnType<typeof createLedger>;
let reads = 0;
beforeAll(async () => {
  store = await startStore();
  store.client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        if (commandName === 'QueryCommand') reads += 1;
        return next(args);
      },
    { step: 'initialize' },
  );
  ledger = createLedger({ client: store.client, tableName: TABLE });
});
afterAll(() => store?.close());

/** Also changed later than all others: the order is that of the creation. */
const changed = (record: AvatarRecord): AvatarRecord => ({
  ...record,
  version: record.version + 1,
  dueAt: '2030-01-01T00:00:00.000Z',
});

it('the oldest record of a status is the one that was created first, found with one small query', async () => {
  expect(await ledger.oldest('generating')).toBeUndefined();
  const oldest = generating('z', T0);
  for (const record of [generating('a', T0 + MINUTE), oldest, generating('b', T0 + 2 * MINUTE)]) {
    await ledger.create(record);
  }
  await ledger.replace(changed(oldest));
  await ledger.create({ ...generating('c', T0 - MINUTE), status: 'succeeded' });
  reads = 0;
  expect(await ledger.oldest('generating')).toEqual(changed(oldest));
  expect(reads).toBe(1);
});
