import type { RateSettings } from './settings.ts';

export interface Admission {
  readonly admitted: boolean;
  /** Requests left in the window, for the header `x-ratelimit-remaining`. */
  readonly remaining: number;
  /** Whole seconds until the next request is admitted, 0 if it is admitted now. */
  readonly retryAfterSeconds: number;
}

const startOfWindow = (now: number, offsetMs: number, windowMs: number) => {
  const remainder = (now - offsetMs) % windowMs;
  // The remainder is negative if the offset is in the future.
  return now - (remainder < 0 ? remainder + windowMs : remainder);
};

/** Counts arrivals by API key. */
export const createRateLimit = () => {
  const arrivalsByKey = new Map<string, number[]>();
  return {
    /** Counts a request. @param now epoch milliseconds */
    arrive(apiKey: string, now: number, { limit, windowMs, window, countRefused }: RateSettings): Admission {
      const windowStart = window.type === 'fixed' ? startOfWindow(now, window.offsetMs, windowMs) : undefined;
      const isCounted = (arrival: number) =>
        windowStart === undefined ? arrival > now - windowMs : arrival >= windowStart;
      const arrivals = (arrivalsByKey.get(apiKey) ?? []).filter(isCounted);
      const admitted = arrivals.length < limit;
      if (admitted || countRefused) arrivals.push(now);
      arrivalsByKey.set(apiKey, arrivals);
      // The arrival that must leave a sliding window before the next request is admitted.
      const blocking = arrivals.at(-limit);
      const waitMs =
        arrivals.length < limit || blocking === undefined ? 0 : (windowStart ?? blocking) + windowMs - now;
      return {
        admitted,
        remaining: Math.max(0, limit - arrivals.length),
        retryAfterSeconds: Math.ceil(waitMs / 1000),
      };
    },
  };
};

export type RateLimit = ReturnType<typeof createRateLimit>;
