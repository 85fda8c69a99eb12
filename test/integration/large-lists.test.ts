import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { createLedger } from '../../lambda/adapters/ledger.ts';
import { timeOrderedId } from '../../lambda/domain/request/identity.ts';
import { acceptedAsInvalid } from '../../lambda/domain/submission/submission-rules.ts';
import { type RunningService, startRunningService } from '../support/running-service.ts';

const EVENTS = 40;

/** 64 KB of a character that JSON escapes, and escapes again inside of a function's response. */
const BODY = '"'.repeat(64 * 1024);

let running: RunningService;
/** Newest first. */
const ids: string[] = [];
beforeAll(async () => {
  running = await startRunningService();
  const { dynamoDb: client, tableName } = running.service;
  const ledger = createLedger({ client, tableName });
  const start = Date.now();
  for (let index = 0; index < EVENTS; index += 1) {
    const now = start + index;
    const record = {
      id: timeOrderedId(now),
      source: 'queue',
      caller: 'queue',
      body: BODY,
      errors: [],
    } as const;
    await ledger.create(acceptedAsInvalid(record, { now, by: 'intake' }));
    ids.unshift(record.id);
  }
});
afterAll(() => running?.close());

const page = z.object({ items: z.array(z.object({ id: z.string() })), next_cursor: z.string().optional() });

it('a list of events with bodies of 64 KB has each of them once, in answers that Lambda can return', async () => {
  const pages: string[][] = [];
  for (let cursor = ''; ; ) {
    const { status, body } = await running.call('GET', `/photo-avatars?limit=100${cursor}`);
    expect(status).toBe(200);
    const { items, next_cursor } = page.parse(body);
    pages.push(items.map(({ id }) => id));
    if (next_cursor === undefined) break;
    cursor = `&cursor=${next_cursor}`;
  }
  expect(pages.flat()).toEqual(ids);
  expect(pages.length).toBeGreaterThan(1);
  for (const items of pages) expect(items.length).toBeGreaterThan(0);
});

it('dispatch publishes the end of each of them in one run', async () => {
  await running.service.triggerDispatch();
  const open = (await running.records()).filter((record) => record.open !== undefined);
  expect(open).toEqual([]);
});
