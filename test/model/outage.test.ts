import { describe, expect, it } from 'vitest';
import { type OutageArrival, type OutageKind, runOutage } from '../../model/outage.ts';

const REQUESTS = 300;

const ARRIVALS = {
  waiting: 'that wait when it starts',
  burst: 'from events that all arrive when it starts',
  trickle: 'from events that arrive over its time',
} as const satisfies Record<OutageArrival, string>;

describe.each([
  { freeReads: 'work', isReadable: true },
  { freeReads: 'fail, too', isReadable: false },
])('an outage of ten minutes, while free reads $freeReads,', ({ isReadable }) => {
  const cases = (['waiting', 'burst', 'trickle'] as const).flatMap((arrival) =>
    (
      [
        ['code_50000', 8],
        ['http_403', 0],
        ['silence', 8],
      ] as const
    ).map(([kind, max]) => ({ kind: kind satisfies OutageKind, max, arrival, requests: ARRIVALS[arrival] })),
  );
  it.each(cases)(
    'of the kind $kind costs at most $max of 300 requests $requests a decision, and all others are submitted after it',
    async ({ kind, max, arrival }) => {
      const { needPerson, accepted, minutesAfter } = await runOutage({
        kind,
        arrival,
        requests: REQUESTS,
        seed: 1,
        isReadable,
      });
      expect(needPerson).toBeLessThanOrEqual(max);
      expect(needPerson + accepted).toBe(REQUESTS);
      // At 20 a minute, 300 requests take 14 minutes.
      expect(minutesAfter).toBeLessThan(16);
    },
  );
});
