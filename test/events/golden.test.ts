import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { EVENT_SCHEMA_VERSION, EVENT_SOURCE, isPhotoAvatarEvent } from '../../events/index.ts';
import { createEventPublisher } from '../../lambda/adapters/event-publisher.ts';
import { type BusEvent, startEventBridge } from '../../local/emulators/event-bridge.ts';
import type { RunningServer } from '../../local/server.ts';
import { stubAws } from '../support/aws.ts';
import { ACCOUNT_CHANGES, ENDS } from '../support/ended-records.ts';
import { eventually } from '../support/eventually.ts';

/**
 * The events of each schema version as it was released. Receivers were written for them: never change a file. A change
 * that fails here is a breaking change, and needs the next schema version with a file of its own.
 */
const golden = (version: number) =>
  z
    .array(z.looseObject({ 'detail-type': z.string(), detail: z.looseObject({}) }))
    .parse(JSON.parse(readFileSync(new URL(`golden/events-${version}.json`, import.meta.url), 'utf8')));

const events: BusEvent[] = [];
let bus: RunningServer;
beforeAll(async () => {
  const rule = { pattern: { source: [EVENT_SOURCE] }, target: async (event: BusEvent) => events.push(event) };
  bus = await startEventBridge({ rules: [rule] });
  stubAws({ AWS_ENDPOINT_URL_EVENTBRIDGE: bus.url });
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await bus.close();
});

describe(`an event of schema version ${EVENT_SCHEMA_VERSION} as it was released`, () => {
  const released = golden(EVENT_SCHEMA_VERSION);

  it('is still one to the exported types', () => {
    expect(released.map((event) => [event['detail-type'], isPhotoAvatarEvent(event)])).toEqual(
      released.map((event) => [event['detail-type'], true]),
    );
  });

  it('is still published: with the same fields and values, and perhaps with new ones', async () => {
    const publisher = createEventPublisher({
      busName: 'default',
      serviceName: 'PhotoAvatarsprod-PhotoAvatars-36F6DE84',
      bucketName: 'photoavatars-prod-images-1a2b3c',
    });
    for (const end of Object.values(ENDS)) await publisher.recordEnded(end());
    for (const change of ACCOUNT_CHANGES) await publisher.accountChanged(change);
    await eventually(() => expect(events).toHaveLength(released.length));
    expect(events).toMatchObject(released);
  });
});
