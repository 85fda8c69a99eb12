import { describe, expect, it } from 'vitest';
import { type OutageKind, runOutage } from '../../model/outage.ts';

const WAITING = 300;

describe.each([
  { freeReads: 'work', isReadable: true },
  { freeReads: 'fail, too', isReadable: false },
])('an outage of ten minutes with 300 waiting requests, while free reads $freeReads', ({ isReadable }) => {
  it.each<[OutageKind, number]>([
    ['code_50000', 8],
    ['http_403', 0],
    ['silence', 8],
  ])(
    'of the kind %s costs at most %d requests a decision, and all others are submitted after it',
    async (kind, max) => {
      const { needPerson, accepted, minutesAfter } = await runOutage(kind, WAITING, 1, isReadable);
      expect(needPerson).toBeLessThanOrEqual(max);
      expect(needPerson + accepted).toBe(WAITING);
      // At 20 a minute, 300 requests take 14 minutes.
      expect(minutesAfter).toBeLessThan(16);
    },
  );
});
