import type { Outcome } from '../lambda/domain/outcome.ts';
import type { PaidApi } from '../lambda/domain/ports.ts';
import { createRateLimit } from '../local/simulator/rate-limit.ts';
import type { RateSettings } from '../local/simulator/settings.ts';
import type { VirtualTime } from './virtual-time.ts';

/** The course of one call: its result, and the latency of its request and its answer in milliseconds. */
export interface PlannedCall {
  readonly kind:
    | 'accepted'
    /** Charged, and the connection is reset before the answer. */
    | 'answer_lost'
    /** Not sent: no connection. */
    | 'unreachable'
    | 'no_credit'
    | 'invalid_parameters'
    /** Charged, and answered with code 50000. */
    | 'failed'
    | 'http_rejected';
  readonly sendMs: number;
  readonly answerMs: number;
}

export interface Upstream extends PaidApi {
  /** Arrival times of the calls: milliseconds since the epoch. */
  readonly arrivals: readonly number[];
  /** Number of calls that JoggAI refused with 429. */
  refusedForRate(): number;
  /** The charged requests by `nameOf`, in the order of arrival. */
  readonly charges: readonly string[];
}

/** Identifies a request of the model. */
export const nameOf = (request: Parameters<PaidApi['generate']>[0]): string => request.appearance ?? '';

export interface UpstreamOptions {
  readonly time: Pick<VirtualTime, 'clock' | 'wait'>;
  readonly rate: RateSettings;
  /** The course of the next call. */
  readonly nextCall: () => PlannedCall;
  /** Whether JoggAI accepts this key now. @default - it accepts any */
  readonly isValidKey?: (apiKey: string) => boolean;
}

/** The rate is that of the account, whichever key is used. */
const ACCOUNT = 'the account';

/** JoggAI on a virtual clock, behind a network that delays and loses messages. Uses the simulator's rate limit. */
export const createUpstream = ({
  time,
  rate,
  nextCall,
  isValidKey = () => true,
}: UpstreamOptions): Upstream => {
  const limit = createRateLimit();
  const arrivals: number[] = [];
  const charges: string[] = [];
  let refused = 0;

  const arrive = (
    name: string,
    apiKey: string,
    kind: Exclude<PlannedCall['kind'], 'unreachable'>,
  ): Outcome => {
    arrivals.push(time.clock());
    const admission = limit.arrive(ACCOUNT, time.clock(), rate);
    if (!admission.admitted) {
      refused += 1;
      return { kind: 'rate_limited', retryAfterSeconds: admission.retryAfterSeconds };
    }
    if (!isValidKey(apiKey)) {
      return { kind: 'refused', reason: 'invalid_key', code: 10105, message: 'Invalid API key' };
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
      case 'invalid_parameters':
        return { kind: 'refused', reason: 'invalid_parameters', code: 40000, message: 'Parameter error' };
      case 'http_rejected':
        return { kind: 'http_rejected', httpStatus: 403 };
      default:
        return kind satisfies never;
    }
  };

  return {
    arrivals,
    charges,
    refusedForRate: () => refused,
    expectCall() {},
    async generate(request, { apiKey, timeoutMs }) {
      const { kind, sendMs, answerMs } = nextCall();
      if (kind === 'unreachable') {
        await time.wait(Math.min(sendMs, timeoutMs));
        return { kind: 'not_sent', cause: 'ECONNREFUSED' };
      }
      const exchange = async (): Promise<Outcome> => {
        await time.wait(sendMs);
        const outcome = arrive(nameOf(request), apiKey, kind);
        await time.wait(answerMs);
        return outcome;
      };
      const timeout = async (): Promise<Outcome> => {
        await time.wait(timeoutMs);
        return { kind: 'no_answer', cause: 'no answer in time' };
      };
      // A sent request arrives even if its caller has stopped waiting.
      return Promise.race([exchange(), timeout()]);
    },
  };
};
