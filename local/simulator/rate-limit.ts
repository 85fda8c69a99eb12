import type { RateSettings } from './settings.ts';

export interface Admission {
  readonly admitted: boolean;
  /** Requests left in the window, as the header `x-ratelimit-remaining` reports it. */
  readonly remaining: number;
  /** Whole seconds until a request would be admitted; 0 when one would be now. */
  readonly retryAfterSeconds: number;
}

const startOfWindow = (now: number, offsetMs: number, windowMs: number) => {
  const remainder = (now - offsetMs) % windowMs;
  // It is negative for an offset in the future.
  return now - (remainder < 0 ? remainder + windowMs : remainder);
};

/** Counts arrivals by API key. */
export const createRateLimit = () => {
  const arrivalsByKey = new Map<string, number[]>();
  return {
    /** Counts a request that arrives now (epoch ms) and says whether it is within the limit. */
    arrive(apiKey: string, now: number, { limit, windowMs, window, countRefused }: RateSettings): Admission {
      const windowStart = window.type === 'fixed' ? startOfWindow(now, window.offsetMs, windowMs) : undefined;
      const isCounted = (arrival: number) =>
        windowStart === undefined ? arrival > now - windowMs : arrival >= windowStart;
      const arrivals = (arrivalsByKey.get(apiKey) ?? []).filter(isCounted);
      const admitted = arrivals.length < limit;
      if (admitted || countRefused) arrivals.push(now);
      arrivalsByKey.set(apiKey, arrivals);
      // The arrival that has to leave a sliding window before another request fits in.
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
