import * as z from 'zod';

const milliseconds = z.int().min(0);

const rate = z.strictObject({
  /** Paid POSTs allowed for each API key in one window. JoggAI documents 20. */
  limit: z.int().min(1),
  /** Length of the window in milliseconds. JoggAI documents 60 s. */
  windowMs: z.int().min(1),
  /** What JoggAI does is not documented: `sliding`, or `fixed` windows that begin at `offsetMs` (epoch ms). */
  window: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('sliding') }),
    z.strictObject({ type: z.literal('fixed'), offsetMs: milliseconds }),
  ]),
  /** Whether a POST that was answered 429 counts against the window, too. Not documented. */
  countRefused: z.boolean(),
  /** Where a 429 says how many seconds to wait. The documentation names `retryAfter`, its sample lacks it. */
  retryAfter: z.enum(['body', 'data', 'header', 'none']),
  /** HTTP status of an answer with code 429. Not documented. */
  httpStatus: z.literal([200, 429]),
});

const generation = z.strictObject({
  /** From the accepted POST to the end of the generation. JoggAI documents 2 to 5 minutes. */
  durationMs: milliseconds,
  /** How generations that are accepted from now on will end. */
  outcome: z.discriminatedUnion('status', [
    z.strictObject({ status: z.literal('success') }),
    z.strictObject({ status: z.literal('error'), msg: z.string() }),
  ]),
});

const settings = z.strictObject({
  /** API keys of the account. A request with any other key is answered 10105. */
  apiKeys: z.array(z.string().min(1)),
  /** Credits left, with at most two decimals; an accepted POST costs 0.2. */
  credits: z.number().min(0).max(1e9).multipleOf(0.01),
  /** Without it every call is answered 18025. */
  permission: z.boolean(),
  rate,
  generation,
});

/** Any part of the settings; what is left out stays as it is. */
export const settingsPatch = settings
  .extend({ rate: rate.partial(), generation: generation.partial() })
  .partial();

export type Settings = z.infer<typeof settings>;
export type RateSettings = Settings['rate'];
export type GenerationSettings = Settings['generation'];
export type SettingsPatch = z.infer<typeof settingsPatch>;

/** An account in good order, as JoggAI documents it; where it is silent, what is hardest on a client. */
export const DEFAULT_SETTINGS: Settings = {
  apiKeys: ['simulator-key'],
  credits: 100,
  permission: true,
  rate: {
    limit: 20,
    windowMs: 60_000,
    window: { type: 'sliding' },
    countRefused: false,
    retryAfter: 'none',
    httpStatus: 200,
  },
  generation: { durationMs: 120_000, outcome: { status: 'success' } },
};

export const withPatch = (current: Settings, patch: SettingsPatch): Settings => ({
  ...current,
  ...patch,
  rate: { ...current.rate, ...patch.rate },
  generation: { ...current.generation, ...patch.generation },
});
