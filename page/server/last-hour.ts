import type { AlarmMetric } from '../../lambda/shared/alarms.ts';
import { METRIC } from '../../lambda/shared/metrics.ts';
import type { LastHour } from '../contract.ts';

export type MinuteMetric = Extract<AlarmMetric, { readonly name: unknown }>;

interface SeriesOf {
  /** Their values are added up. */
  readonly metrics: readonly MinuteMetric[];
  /** Whether a minute without data is one in which nothing happened. A gauge was not measured then. */
  readonly isCount: boolean;
}

export type SeriesName = Exclude<keyof LastHour, 'from' | 'unavailable'>;

const count = (...names: readonly MinuteMetric['name'][]): SeriesOf => ({
  metrics: names.map((name) => ({ name, statistic: 'Sum' })),
  isCount: true,
});

/** The metrics of each series. */
export const SERIES: Readonly<Record<SeriesName, SeriesOf>> = {
  accepted: count(METRIC.accepted),
  queued: count(METRIC.queued),
  longestWait: { metrics: [{ name: METRIC.oldestQueuedAge, statistic: 'Maximum' }], isCount: false },
  failed: count(METRIC.failed, METRIC.parameterError),
  inDoubt: count(METRIC.inDoubt),
  // Every paid call has a latency.
  calls: { metrics: [{ name: METRIC.joggaiLatency, statistic: 'SampleCount' }], isCount: true },
  slotsInUse: { metrics: [{ name: METRIC.slotsInUse, statistic: 'Maximum' }], isCount: false },
};

export const MINUTE_MS = 60_000;
const MINUTES = 60;

/** Start of the first of the 60 minutes, which end with the present one. */
export const startOfLastHour = (now: number): number =>
  (Math.floor(now / MINUTE_MS) - (MINUTES - 1)) * MINUTE_MS;

/**
 * @param valueAt value of a metric in the minute that starts then; `undefined` without data
 * @param measuredFrom since when data is collected. @default - always
 */
export const lastHourOf = (
  now: number,
  valueAt: (metric: MinuteMetric, minute: number) => number | undefined,
  measuredFrom = 0,
): LastHour => {
  const from = startOfLastHour(now);
  const minutes = Array.from({ length: MINUTES }, (_, at) => from + at * MINUTE_MS);
  const seriesOf = ({ metrics, isCount }: SeriesOf) =>
    minutes.map((minute) => {
      const values = metrics.flatMap((metric) => valueAt(metric, minute) ?? []);
      if (values.length > 0) return values.reduce((sum, value) => sum + value, 0);
      return isCount && minute + MINUTE_MS > measuredFrom ? 0 : null;
    });
  const series = Object.entries(SERIES).map(([name, of]) => [name, seriesOf(of)]);
  return { from: new Date(from).toISOString(), ...(Object.fromEntries(series) as Record<SeriesName, never>) };
};

/** No figures, and why. */
export const noLastHour = (now: number, unavailable: string): LastHour => ({
  ...lastHourOf(now, () => undefined, Number.POSITIVE_INFINITY),
  unavailable,
});
