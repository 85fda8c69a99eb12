import type { PaidApi } from '../../lambda/domain/ports.ts';
import type { Randomness } from '../../model/randomness.ts';
import type { VirtualTime } from '../../model/virtual-time.ts';

/** The environment of a queue consumer. */
export interface ConsumerContext {
  readonly time: Pick<VirtualTime, 'clock' | 'wait'>;
  readonly random: Randomness;
  /** Sends one POST. */
  readonly post: (event: string) => Promise<'accepted' | 'rate_limited'>;
}

/** Processes all events. Resolves with the number of events that went to the dead-letter queue. */
export type Consumer = (events: readonly string[], context: ConsumerContext) => Promise<number>;

const CALL_TIMEOUT_MS = 20_000;

/** Creates a POST that fails only for the rate limit. */
export const createPost =
  (api: PaidApi, request: Parameters<PaidApi['generate']>[0]) =>
  async (event: string): Promise<'accepted' | 'rate_limited'> => {
    const options = { apiKey: 'key', timeoutMs: CALL_TIMEOUT_MS, recordId: event };
    const { kind } = await api.generate({ ...request, appearance: event }, options);
    return kind === 'accepted' ? 'accepted' : 'rate_limited';
  };

/** Sends every event at once. A rate-limited event is received again after a delay, up to a maximum of receives. */
const receiving =
  (receives: number, delayMs: (receive: number, random: Randomness) => number): Consumer =>
  async (events, { time, random, post }) => {
    const isLost = async (event: string): Promise<boolean> => {
      for (let receive = 1; receive <= receives; receive += 1) {
        if ((await post(event)) === 'accepted') return false;
        await time.wait(delayMs(receive, random));
      }
      return true;
    };
    return (await Promise.all(events.map(isLost))).filter(Boolean).length;
  };

/** A visibility timeout of one minute. */
export const naive = (receives: number): Consumer => receiving(receives, () => 60_000);

const FIRST_BACKOFF_MS = 60_000;
const MAX_BACKOFF_MS = 15 * 60_000;

/** Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ */
export const fullJitter = (receives: number): Consumer =>
  receiving(receives, (receive, random) => {
    const maxDelay = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (receive - 1));
    return random() * maxDelay;
  });

/** One process that starts a call after each `waitForTurn`. A rate-limited event moves to the end of the queue. */
const paced =
  (createWaitForTurn: (time: ConsumerContext['time']) => () => Promise<void>): Consumer =>
  async (events, { time, post }) => {
    const waitForTurn = createWaitForTurn(time);
    const queue = [...events];
    const inFlight = new Set<Promise<void>>();
    while (queue.length > 0 || inFlight.size > 0) {
      const event = queue.shift();
      if (event === undefined) {
        await Promise.race(inFlight);
        continue;
      }
      await waitForTurn();
      const call = post(event).then((answer) => {
        if (answer === 'rate_limited') queue.push(event);
        inFlight.delete(call);
      });
      inFlight.add(call);
    }
    return 0;
  };

/** @param burst size of the bucket, initially full; one token is added every `everyMs` */
export const tokenBucket = (burst: number, everyMs: number): Consumer =>
  paced((time) => {
    let tokens = burst;
    let updatedAt = time.clock();
    return async () => {
      const update = () => {
        tokens = Math.min(burst, tokens + (time.clock() - updatedAt) / everyMs);
        updatedAt = time.clock();
      };
      update();
      if (tokens < 1) {
        // Rounded up, so that the token is available after the wait.
        await time.wait(Math.ceil((1 - tokens) * everyMs));
        update();
      }
      tokens -= 1;
    };
  });

export const evenlySpaced = (everyMs: number): Consumer =>
  paced((time) => {
    let next = time.clock();
    return async () => {
      await time.wait(next - time.clock());
      next += everyMs;
    };
  });
