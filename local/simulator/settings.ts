import * as z from 'zod';

const milliseconds = z.int().min(0);

const rate = z.strictObject({
  /** Paid POSTs per API key and window. JoggAI documents 20. */
  limit: z.int().min(1),
  /** JoggAI documents 60 s. */
  windowMs: z.int().min(1),
  /** `sliding`, or `fixed` windows that begin at `offsetMs` (epoch milliseconds). JoggAI does not document it. */
  window: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('sliding') }),
    z.strictObject({ type: z.literal('fixed'), offsetMs: milliseconds }),
  ]),
  /** Whether a POST that is answered 429 counts against the window. JoggAI does not document it. */
  countRefused: z.boolean(),
  /** Where a 429 has the seconds to wait. JoggAI documents `retryAfter`, but its sample lacks it. */
  retryAfter: z.enum(['body', 'data', 'header', 'none']),
  /** HTTP status of an answer with code 429. JoggAI does not document it. */
  httpStatus: z.literal([200, 429]),
});

const generation = z.strictObject({
  /** From the accepted POST to the end of the generation. JoggAI documents 2 to 5 minutes. */
  durationMs: milliseconds,
  /** Result of generations that are accepted from now on. */
  outcome: z.discriminatedUnion('status', [
    z.strictObject({ status: z.literal('success') }),
    z.strictObject({ status: z.literal('error'), msg: z.string() }),
  ]),
  /** Width and height of the pictures, as a part of their full size. Small ones are drawn in less time. */
  imageScale: z.literal([1, 0.25]),
});

const settings = z.strictObject({
  /** API keys of the account. Any other key is answered 10105. */
  apiKeys: z.array(z.string().min(1)),
  /** Remaining credits, with at most two decimals. An accepted POST costs 0.2. */
  credits: z.number().min(0).max(1e9).multipleOf(0.01),
  /** If false, every call is answered 18025. */
  permission: z.boolean(),
  rate,
  generation,
});

export const settingsPatch = settings
  .extend({ rate: rate.partial(), generation: generation.partial() })
  .partial();

export type Settings = z.infer<typeof settings>;
export type RateSettings = Settings['rate'];
export type GenerationSettings = Settings['generation'];
export type SettingsPatch = z.infer<typeof settingsPatch>;

/** A valid account. Undocumented behaviour has the value that is hardest for a client. */
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
  generation: { durationMs: 120_000, outcome: { status: 'success' }, imageScale: 1 },
};

export const withPatch = (current: Settings, patch: SettingsPatch): Settings => ({
  ...current,
  ...patch,
  rate: { ...current.rate, ...patch.rate },
  generation: { ...current.generation, ...patch.generation },
});
