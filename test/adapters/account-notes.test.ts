import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAccountNotes } from '../../lambda/adapters/account-notes.ts';
import { createLedger } from '../../lambda/adapters/ledger.ts';
import type { AccountNotes } from '../../lambda/domain/gate/account-watch.ts';
import { type Store, startStore, TABLE } from '../support/store.ts';

let store: Store;
beforeAll(async () => {
  store = await startStore();
});
afterAll(() => store.close());

const NOTES: AccountNotes = {
  checkedAt: 2,
  credits: { left: 12.4, at: 1 },
  announcedBlock: { reason: 'invalid_key', since: 2 },
  disprovedBlock: { since: 2, refusedProbes: 3 },
};

it('notes are empty at first, and then as last written', async () => {
  const notes = createAccountNotes(store.client, TABLE);
  expect(await notes.read()).toEqual({});
  await notes.write(NOTES);
  expect(await notes.read()).toEqual(NOTES);
  await notes.write({ ...NOTES, announcedBlock: undefined });
  const { announcedBlock, ...rest } = NOTES;
  expect(announcedBlock).toBeDefined();
  expect(await notes.read()).toEqual(rest);
});

it('notes are not listed as a record', async () => {
  await createAccountNotes(store.client, TABLE).write(NOTES);
  const ledger = createLedger({ client: store.client, tableName: TABLE });
  expect(await ledger.list({ limit: 10 })).toEqual({ records: [] });
});
