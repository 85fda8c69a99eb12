import type { Outcome } from '../../lambda/domain/outcome.ts';
import type { PaidApi } from '../../lambda/domain/ports.ts';
import { createRateLimit } from '../../local/simulator/rate-limit.ts';
import type { RateSettings } from '../../local/simulator/settings.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What becomes of one call, and how long it takes there and back, in milliseconds. */
export interface Fate {
  readonly kind:
    | 'accepted'
    /** Charged, and the connection breaks instead of an answer. */
    | 'answer_lost'
    /** Never arrives: no connection. */
    | 'unreachable'
    | 'no_credit'
    | 'wrong_parameters'
    /** Charged, and answered with code 50000. */
    | 'failed'
    | 'turned_away';
  readonly sendMs: number;
  readonly answerMs: number;
}

export interface Upstream extends PaidApi {
  /** When each call arrived: milliseconds since the epoch. */
  readonly arrivals: readonly number[];
  /** Calls that arrived in a full window. */
  refusedForRate(): number;
  /** What was charged, by `nameOf` of the request, in the order of arrival. */
  readonly charges: readonly string[];
}

/** Tells one request of a model from another. */
export const nameOf = (request: Parameters<PaidApi['generate']>[0]): string => request.appearance ?? '';

const KEY = 'the-key';

export interface UpstreamOptions {
  readonly time: Pick<VirtualTime, 'clock' | 'wait'>;
  readonly rate: RateSettings;
  /** What becomes of the next call. */
  readonly nextFate: () => Fate;
}

/** JoggAI on a virtual clock, behind a network that delays and loses. Counts by the simulator's own rate limit. */
export const createUpstream = ({ time, rate, nextFate }: UpstreamOptions): Upstream => {
  const limit = createRateLimit();
  const arrivals: number[] = [];
  const charges: string[] = [];
  let refused = 0;

  const arrive = (name: string, kind: Exclude<Fate['kind'], 'unreachable'>): Outcome => {
    arrivals.push(time.clock());
    const admission = limit.arrive(KEY, time.clock(), rate);
    if (!admission.admitted) {
      refused += 1;
      return { kind: 'rate_limited', retryAfterSeconds: admission.retryAfterSeconds };
    }
    switch (kind) {
      case 'accepted':
        charges.push(name);
        return { kind: 'accepted', photoId: `photo of ${name}` };
      case 'answer_lost':
        charges.push(name);
        return { kind: 'no_answer', cause: 'ECONNRESET' };
      case 'failed':
        charges.push(name);
        return { kind: 'failed', code: 50000, message: 'System error' };
      case 'no_credit':
        return {
          kind: 'refused',
          reason: 'insufficient_credit',
          code: 18020,
          message: 'Insufficient credit',
        };
      case 'wrong_parameters':
        return { kind: 'refused', reason: 'invalid_parameters', code: 40000, message: 'Parameter error' };
      case 'turned_away':
        return { kind: 'turned_away', httpStatus: 403 };
      default:
        return kind satisfies never;
    }
  };

  return {
    arrivals,
    charges,
    refusedForRate: () => refused,
    async generate(request, { timeoutMs }) {
      const { kind, sendMs, answerMs } = nextFate();
      if (kind === 'unreachable') {
        await time.wait(Math.min(sendMs, timeoutMs));
        return { kind: 'not_sent', cause: 'ECONNREFUSED' };
      }
      const exchange = async (): Promise<Outcome> => {
        await time.wait(sendMs);
        const outcome = arrive(nameOf(request), kind);
        await time.wait(answerMs);
        return outcome;
      };
      const timeout = async (): Promise<Outcome> => {
        await time.wait(timeoutMs);
        return { kind: 'no_answer', cause: 'no answer in time' };
      };
      // What was sent arrives, even after nobody waits for its answer any more.
      return Promise.race([exchange(), timeout()]);
    },
  };
};
