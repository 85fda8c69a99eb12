/** What AWS bills for, counted. */
export interface Usage {
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly imageWrites: number;
  readonly events: number;
  readonly secretReads: number;
  readonly queueCalls: number;
  readonly httpCalls: number;
  readonly invocations: number;
  readonly lambdaSeconds: number;
  readonly logBytes: number;
}

/** GB of a function with the default memory. */
const MEMORY_GB = 0.5;

/**
 * USD for one of each, in us-east-1, on demand and without the free tier. Sources: https://aws.amazon.com/<service>/pricing
 */
export const PRICES: Readonly<Record<keyof Usage, number>> = {
  writeUnits: 0.625e-6,
  readUnits: 0.125e-6,
  imageWrites: 5e-6,
  events: 1e-6,
  secretReads: 5e-6,
  queueCalls: 0.4e-6,
  httpCalls: 1e-6,
  invocations: 0.2e-6,
  lambdaSeconds: MEMORY_GB * 0.0000133334,
  logBytes: 0.5e-9,
};

export const NOTHING: Usage = {
  writeUnits: 0,
  readUnits: 0,
  imageWrites: 0,
  events: 0,
  secretReads: 0,
  queueCalls: 0,
  httpCalls: 0,
  invocations: 0,
  lambdaSeconds: 0,
  logBytes: 0,
};

const parts = Object.keys(PRICES) as (keyof Usage)[];

const combined = (of: (part: keyof Usage) => number): Usage => {
  const usage: Record<keyof Usage, number> = { ...NOTHING };
  for (const part of parts) usage[part] = of(part);
  return usage;
};

export const sumOf = (...usages: readonly Usage[]): Usage =>
  combined((part) => usages.reduce((sum, usage) => sum + usage[part], 0));

export const times = (count: number, usage: Usage): Usage => combined((part) => count * usage[part]);

/** USD. */
export const priceOf = (usage: Usage): number =>
  parts.reduce((sum, part) => sum + usage[part] * PRICES[part], 0);
