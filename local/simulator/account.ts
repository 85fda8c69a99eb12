import type { Fault } from './faults.ts';
import type { Parameters } from './image/person.ts';
import { createRateLimit, type RateLimit } from './rate-limit.ts';
import type { GenerationSettings, Settings } from './settings.ts';

/** An API call as JoggAI received it. */
export interface Call {
  readonly method: string;
  /** With the query string. */
  readonly path: string;
  /** Arrival of the request's headers, in epoch milliseconds. */
  readonly arrivedAt: number;
  readonly apiKey: string | null;
  /** The parsed JSON; the text if it is not JSON; null if the body is absent or incomplete. */
  body: unknown;
  /** The fault that was applied. */
  fault: Fault['kind'] | null;
  charged: boolean;
  /** The answer, also a truncated or unfinished one. Null if there is none. */
  answer: { readonly status: number; readonly code: number | null; readonly at: number } | null;
}

/** A generation, with the settings at the time of its acceptance (epoch milliseconds). */
export interface Photo extends GenerationSettings {
  readonly acceptedAt: number;
  /** The parameters of the paid POST: what the images show. */
  readonly parameters: Parameters;
}

/** The simulator's state. */
export interface Account {
  settings: Settings;
  readonly faults: Fault[];
  /** Each function ends a delay that lasts until the faults are cleared. */
  readonly delayed: (() => void)[];
  readonly calls: Call[];
  /** Number of accepted paid POSTs. */
  charges: number;
  readonly photos: Map<string, Photo>;
  readonly rateLimit: RateLimit;
}

export const createAccount = (settings: Settings): Account => ({
  settings,
  faults: [],
  delayed: [],
  calls: [],
  charges: 0,
  photos: new Map(),
  rateLimit: createRateLimit(),
});
