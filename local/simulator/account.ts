import type { Fault } from './faults.ts';
import { createRateLimit, type RateLimit } from './rate-limit.ts';
import type { GenerationSettings, Settings } from './settings.ts';

/** One API call as it was seen from JoggAI's side. */
export interface Call {
  readonly method: string;
  /** With the query string. */
  readonly path: string;
  /** Epoch milliseconds at which the request's headers arrived. */
  readonly arrivedAt: number;
  readonly apiKey: string | null;
  /** The parsed JSON; the text if it is not JSON; null if there was no body, or it never arrived whole. */
  body: unknown;
  /** The fault that acted on it. */
  fault: Fault['kind'] | null;
  charged: boolean;
  /** What was answered; of a truncated or slow answer, what was begun. Null while there is none. */
  answer: { readonly status: number; readonly code: number | null; readonly at: number } | null;
}

/** A generation, with the settings of the moment at which it was accepted (epoch ms). */
export interface Photo extends GenerationSettings {
  readonly acceptedAt: number;
}

/** Everything the simulator remembers. */
export interface Account {
  settings: Settings;
  readonly faults: Fault[];
  /** Each ends a delay that lasts until the faults are cleared. */
  readonly held: (() => void)[];
  readonly calls: Call[];
  /** Paid POSTs that were accepted. What "paid at most once" is measured by. */
  charges: number;
  readonly photos: Map<string, Photo>;
  readonly rateLimit: RateLimit;
}

export const createAccount = (settings: Settings): Account => ({
  settings,
  faults: [],
  held: [],
  calls: [],
  charges: 0,
  photos: new Map(),
  rateLimit: createRateLimit(),
});
