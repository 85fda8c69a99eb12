import { describe, expect, it } from 'vitest';
import { type OutageKind, runOutage } from '../../model/outage.ts';

const WAITING = 300;

describe.each([
  [true, 'work'],
  [false, 'fail, too'],
])('an outage of ten minutes with 300 waiting requests, while free reads %#', (isReadable) => {
  it.each<[OutageKind, number]>([
    ['code_50000', 8],
    ['http_403', 0],
    ['silence', 8],
  ])(
    'of the kind %s costs at most %d requests a decision, and all others are submitted after it',
    async (kind, most) => {
      for (const seed of [1, 2, 3]) {
        const { needPerson, accepted, minutesAfter } = await runOutage(kind, WAITING, seed, isReadable);
        expect(needPerson).toBeLessThanOrEqual(most);
        expect(needPerson + accepted).toBe(WAITING);
        expect(minutesAfter).toBeLessThan(35);
      }
    },
  );
});
