import type { AlarmDefinition } from '../lambda/shared/alarms.ts';
import { lastHourOf, MINUTE_MS } from '../page/server/last-hour.ts';
import type { Monitor } from '../page/server/page.ts';
import { createMetricHistory } from './metric-history.ts';

export interface LocalMonitor extends Monitor {
  /** Evaluates the metrics in a log line of a function. */
  record(line: string): void;
}

/**
 * The figures and alarms of a service on this machine, from the metrics that its functions print, as CloudWatch would
 * find them. The alarms on queues, functions and API Gateway have no metrics here.
 *
 * @param now milliseconds since the epoch
 */
export const createMonitor = (
  alarms: readonly AlarmDefinition[],
  now: () => number = Date.now,
): LocalMonitor => {
  const startedAt = now();
  const history = createMetricHistory(now);
  /** The alarms that are on, and since when. */
  const on = new Map<AlarmDefinition, number>();

  /** `undefined`: the alarm keeps its state. */
  const isBreaching = ({ metric, periodMinutes, ...alarm }: AlarmDefinition): boolean | undefined => {
    const from = now() - (periodMinutes - 1) * MINUTE_MS;
    const value = history.valueOf(metric, { from, minutes: periodMinutes });
    if (value !== undefined) {
      return alarm.comparison === 'below' ? value < alarm.threshold : value >= alarm.threshold;
    }
    // Before the end of a first period nothing can be missing.
    if (alarm.missing === 'breaching') return now() - startedAt >= periodMinutes * MINUTE_MS;
    return alarm.missing === 'keep' ? undefined : false;
  };

  const evaluate = (): void => {
    for (const alarm of alarms) {
      const breaching = isBreaching(alarm);
      if (breaching === false) on.delete(alarm);
      else if (breaching && !on.has(alarm)) on.set(alarm, now());
    }
  };

  return {
    record(line) {
      if (history.record(line)) evaluate();
    },
    async alarms() {
      evaluate();
      const items = alarms.flatMap((alarm) => {
        const since = on.get(alarm);
        return since === undefined
          ? []
          : {
              name: alarm.section,
              description: `${alarm.impact} ${alarm.remedy}`,
              since: new Date(since).toISOString(),
            };
      });
      return { items };
    },
    lastHour: async () =>
      lastHourOf(now(), (metric, from) => history.valueOf(metric, { from, minutes: 1 }), startedAt),
  };
};
