import { SAMPLE_REQUEST } from '../../local/sample-request.ts';
import {
  type Conditions,
  callsUnder,
  drainBacklog,
  SLOTS,
  START,
  shareOfLimit,
} from '../../model/backlog.ts';
import { createRandomness } from '../../model/randomness.ts';
import { createUpstream } from '../../model/upstream.ts';
import { createVirtualTime } from '../../model/virtual-time.ts';
import { WINDOW_MS } from '../../model/world.ts';
import {
  type Consumer,
  createPost,
  evenlySpaced,
  fullJitter,
  naive,
  tokenBucket,
} from '../pacing/consumers.ts';
import type { Report } from '../report.ts';

const EVENTS = 1_000;
const SEED = 1;
const CONDITIONS: Conditions = { answerMs: [100, 500], delayedShare: 0.01 };
const SLOW_CONDITIONS: Conditions = { answerMs: [300, 3_000], delayedShare: 0.01 };

const MIN_SHARE = 0.99;

interface Drained {
  readonly paid: number;
  readonly refusedForRate: number;
  readonly drainedInMs: number;
}

/** Drains the same events with another strategy, against the same upstream. */
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
    nextCall: callsUnder(CONDITIONS, SEED),
  });
  const events = Array.from({ length: EVENTS }, (_, index) => `event ${index}`);
  const context = { time, random: createRandomness(SEED), post: createPost(upstream, SAMPLE_REQUEST) };
  await time.finish(consumer(events, context));
  return {
    paid: upstream.charges.length,
    refusedForRate: upstream.refusedForRate(),
    drainedInMs: (upstream.arrivals.at(-1) ?? START) - START,
  };
};

const row = (strategy: string, { paid, refusedForRate, drainedInMs }: Drained): string[] => {
  const isDrained = paid === EVENTS;
  return [
    strategy,
    String(EVENTS - paid),
    String(refusedForRate),
    isDrained ? `${(drainedInMs / 60_000).toFixed(1)} min` : '–',
    isDrained ? `${(100 * shareOfLimit(EVENTS, drainedInMs)).toFixed(1)} %` : '–',
  ];
};

/** How strategies drain a burst at JoggAI's rate. */
export const pacing = async (): Promise<Report> => {
  const ours = await drainBacklog(EVENTS, CONDITIONS, SEED);
  const slow = await drainBacklog(EVENTS, SLOW_CONDITIONS, SEED);
  const share = shareOfLimit(EVENTS, ours.drainedInMs);
  return {
    title: `Pacing: ${EVENTS} events at ${SLOTS} per ${WINDOW_MS / 1_000} s`,
    method:
      'On a virtual clock, against a sliding window that does not count rejected calls. Answers take 0.1 to 0.5 s, ' +
      'one call in a hundred needs 2 to 5 s to arrive. Ours are the real intake and dispatch, started every minute.',
    rows: [
      ['strategy', 'lost', '429s', 'drained in', 'of the limit'],
      row('queue consumer, 3 receives', await drainWith(naive(3))),
      row('backoff with full jitter, 10 receives', await drainWith(fullJitter(10))),
      row('the same, 1,000 receives', await drainWith(fullJitter(1_000))),
      row(`token bucket, burst ${SLOTS}`, await drainWith(tokenBucket(SLOTS, WINDOW_MS / SLOTS))),
      row('one every 3.05 s', await drainWith(evenlySpaced(3_050))),
      row('ours', ours),
      row('ours, with answers after 0.3 to 3 s', slow),
    ],
    targets: [
      { name: 'ours, lost events', value: EVENTS - ours.paid, max: 0 },
      { name: 'ours, 429s', value: ours.refusedForRate + slow.refusedForRate, max: 0 },
      { name: 'ours, unused share of the limit', value: 1 - share, max: 1 - MIN_SHARE },
    ],
  };
};
