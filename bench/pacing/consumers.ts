import type { PaidApi } from '../../lambda/domain/ports.ts';
import type { Randomness } from '../../test/model/randomness.ts';
import type { VirtualTime } from '../../test/model/virtual-time.ts';

/** What a consumer of a queue is given. */
export interface Surroundings {
  readonly time: Pick<VirtualTime, 'clock' | 'wait'>;
  readonly random: Randomness;
  /** One POST. Says whether JoggAI took it, or answered 429. */
  readonly post: (event: string) => Promise<'taken' | 'refused'>;
}

/** Works on all events and resolves with how many of them went to the dead-letter queue. */
export type Consumer = (events: readonly string[], surroundings: Surroundings) => Promise<number>;

export const CALL_TIMEOUT_MS = 20_000;

/** A POST of which only the rate can make something else than a success. */
export const posting =
  (api: PaidApi, request: Parameters<PaidApi['generate']>[0]) =>
  async (event: string): Promise<'taken' | 'refused'> => {
    const options = { apiKey: 'key', timeoutMs: CALL_TIMEOUT_MS, recordId: event };
    const { kind } = await api.generate({ ...request, appearance: event }, options);
    return kind === 'accepted' ? 'taken' : 'refused';
  };

/** Every event at once; one that was refused comes again after a while, so often at most. */
const received =
  (receives: number, hiddenMs: (receive: number, random: Randomness) => number): Consumer =>
  async (events, { time, random, post }) => {
    const isLost = async (event: string): Promise<boolean> => {
      for (let receive = 1; receive <= receives; receive += 1) {
        if ((await post(event)) === 'taken') return false;
        await time.wait(hiddenMs(receive, random));
      }
      return true;
    };
    return (await Promise.all(events.map(isLost))).filter(Boolean).length;
  };

/** SQS with a visibility timeout of a minute. */
export const naive = (receives: number): Consumer => received(receives, () => 60_000);

const FIRST_BACKOFF_MS = 60_000;
const LONGEST_BACKOFF_MS = 15 * 60_000;

/** Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ */
export const fullJitter = (receives: number): Consumer =>
  received(receives, (receive, random) => {
    const most = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (receive - 1));
    return random() * most;
  });

/** One process that starts a call whenever `pass` lets it; what was refused goes to the end of the line. */
const paced =
  (createPass: (time: Surroundings['time']) => () => Promise<void>): Consumer =>
  async (events, { time, post }) => {
    const pass = createPass(time);
    const line = [...events];
    const onTheWay = new Set<Promise<void>>();
    while (line.length > 0 || onTheWay.size > 0) {
      const event = line.shift();
      if (event === undefined) {
        await Promise.race(onTheWay);
        continue;
      }
      await pass();
      const call = post(event).then((answer) => {
        if (answer === 'refused') line.push(event);
        onTheWay.delete(call);
      });
      onTheWay.add(call);
    }
    return 0;
  };

/** @param burst tokens at the beginning and at most; one comes every `everyMs` */
export const tokenBucket = (burst: number, everyMs: number): Consumer =>
  paced((time) => {
    let tokens = burst;
    let countedAt = time.clock();
    return async () => {
      const count = () => {
        tokens = Math.min(burst, tokens + (time.clock() - countedAt) / everyMs);
        countedAt = time.clock();
      };
      count();
      if (tokens < 1) {
        // A whole millisecond more than needed, so that the token is there for certain.
        await time.wait(Math.ceil((1 - tokens) * everyMs));
        count();
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
