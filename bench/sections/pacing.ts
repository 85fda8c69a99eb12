import { drainBacklog, fatesIn, SLOTS, START, shareOfLimit, type Weather } from '../../test/model/backlog.ts';
import { createRandomness } from '../../test/model/randomness.ts';
import { createUpstream } from '../../test/model/upstream.ts';
import { createVirtualTime } from '../../test/model/virtual-time.ts';
import { WINDOW_MS } from '../../test/model/world.ts';
import { AVATAR } from '../../test/support/requests.ts';
import { type Consumer, evenlySpaced, fullJitter, naive, posting, tokenBucket } from '../pacing/consumers.ts';
import type { Report } from '../report.ts';

const EVENTS = 1_000;
const SEED = 1;
const WEATHER: Weather = { answerMs: [100, 500], delayedShare: 0.01 };
const SLOW_WEATHER: Weather = { answerMs: [300, 3_000], delayedShare: 0.01 };

const LEAST_SHARE = 0.99;

interface Drained {
  readonly paid: number;
  readonly refusedForRate: number;
  readonly drainedInMs: number;
}

/** The same events and the same weather for somebody else's way. */
const drainWith = async (consumer: Consumer): Promise<Drained> => {
  const time = createVirtualTime(START);
  const upstream = createUpstream({
    time,
    rate: {
      limit: SLOTS,
      windowMs: WINDOW_MS,
      window: { type: 'sliding' },
      countRefused: false,
      retryAfter: 'none',
      httpStatus: 200,
    },
    nextFate: fatesIn(WEATHER, SEED),
  });
  const events = Array.from({ length: EVENTS }, (_, index) => `event ${index}`);
  const surroundings = { time, random: createRandomness(SEED), post: posting(upstream, AVATAR) };
  await time.finish(consumer(events, surroundings));
  return {
    paid: upstream.charges.length,
    refusedForRate: upstream.refusedForRate(),
    drainedInMs: (upstream.arrivals.at(-1) ?? START) - START,
  };
};

const row = (way: string, { paid, refusedForRate, drainedInMs }: Drained): string[] => {
  const isDrained = paid === EVENTS;
  return [
    way,
    String(EVENTS - paid),
    String(refusedForRate),
    isDrained ? `${(drainedInMs / 60_000).toFixed(1)} min` : '–',
    isDrained ? `${(100 * shareOfLimit(EVENTS, drainedInMs)).toFixed(1)} %` : '–',
  ];
};

/** How a burst drains at JoggAI's rate. */
export const pacing = async (): Promise<Report> => {
  const ours = await drainBacklog(EVENTS, WEATHER, SEED);
  const slow = await drainBacklog(EVENTS, SLOW_WEATHER, SEED);
  const share = shareOfLimit(EVENTS, ours.drainedInMs);
  return {
    title: `Pacing: ${EVENTS} events at ${SLOTS} per ${WINDOW_MS / 1_000} s`,
    about:
      'On a virtual clock, against a sliding window that does not count what it refuses. Answers take 0.1 to 0.5 s, ' +
      'one call in a hundred is 2 to 5 s on its way. Ours are the real intake and dispatch, started every minute.',
    rows: [
      ['way', 'lost', '429s', 'drained in', 'of the limit'],
      row('queue consumer, 3 receives', await drainWith(naive(3))),
      row('backoff with full jitter, 10 receives', await drainWith(fullJitter(10))),
      row('the same, 1,000 receives', await drainWith(fullJitter(1_000))),
      row(`token bucket, burst ${SLOTS}`, await drainWith(tokenBucket(SLOTS, WINDOW_MS / SLOTS))),
      row('one every 3.05 s', await drainWith(evenlySpaced(3_050))),
      row('ours', ours),
      row('ours, with answers after 0.3 to 3 s', slow),
    ],
    targets: [
      { what: 'events of ours lost', found: EVENTS - ours.paid, atMost: 0 },
      { what: '429s of ours', found: ours.refusedForRate + slow.refusedForRate, atMost: 0 },
      { what: 'rate of ours left unused', found: 1 - share, atMost: 1 - LEAST_SHARE },
    ],
  };
};
