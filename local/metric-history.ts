import * as z from 'zod';
import type { AlarmMetric, Statistic } from '../lambda/shared/alarms.ts';
import { metricsIn } from './embedded-metrics.ts';

/** The values of a metric in one minute. */
interface Values {
  readonly sum: number;
  readonly maximum: number;
  readonly count: number;
}

const MINUTE_MS = 60_000;

/** The longest period of an alarm, and of the page's charts. */
const KEPT_MINUTES = 60;

const minuteOf = (time: number): number => Math.floor(time / MINUTE_MS);

const STATISTIC: Record<Statistic, (values: Values) => number> = {
  Sum: ({ sum }) => sum,
  Maximum: ({ maximum }) => maximum,
  SampleCount: ({ count }) => count,
};

const together = (all: readonly Values[]): Values => ({
  sum: all.reduce((sum, each) => sum + each.sum, 0),
  maximum: Math.max(...all.map(({ maximum }) => maximum)),
  count: all.reduce((sum, each) => sum + each.count, 0),
});

/** A metric that was counted several times in one invocation has several values. */
const numbers = z.pipe(
  z.union([z.number(), z.array(z.number())]),
  z.transform((value) => [value].flat()),
);

/** A period that ends with the present minute, or one minute. */
export interface Period {
  /** Its first minute starts then: milliseconds since the epoch. */
  readonly from: number;
  readonly minutes: number;
}

/** The metrics of the last hour, by minute, as CloudWatch would keep them. */
export interface MetricHistory {
  /** Keeps the metrics in a log line of a function. @returns whether there are any */
  record(line: string): boolean;
  /** The value of the metric, or `undefined` without data. */
  valueOf(metric: AlarmMetric, period: Period): number | undefined;
}

/** @param now milliseconds since the epoch */
export const createMetricHistory = (now: () => number = Date.now): MetricHistory => {
  const minutes = new Map<number, Map<string, Values>>();

  const add = (name: string, values: readonly number[]): void => {
    const minute = minuteOf(now());
    const metrics = minutes.get(minute) ?? new Map<string, Values>();
    minutes.set(minute, metrics);
    const known = metrics.get(name);
    const added = values.map((value) => ({ sum: value, maximum: value, count: 1 }));
    if (added.length > 0) metrics.set(name, together([...(known ? [known] : []), ...added]));
    for (const old of minutes.keys()) if (old <= minute - KEPT_MINUTES) minutes.delete(old);
  };

  const statisticOf = (name: string, statistic: Statistic, { from, minutes: length }: Period) => {
    const first = minuteOf(from);
    const found = Array.from({ length }, (_, at) => minutes.get(first + at)?.get(name) ?? []).flat();
    return found.length === 0 ? undefined : STATISTIC[statistic](together(found));
  };

  return {
    record(line) {
      const points = metricsIn(line);
      for (const { name, value } of points) add(name, numbers.safeParse(value).data ?? []);
      return points.length > 0;
    },
    valueOf(metric, period) {
      if ('name' in metric) return statisticOf(metric.name, metric.statistic, period);
      const [part = 0, rest = 0] = [metric.part, metric.rest].map((name) => statisticOf(name, 'Sum', period));
      return part >= metric.minimum ? (100 * part) / (part + rest) : 0;
    },
  };
};
