import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALARM_DEFAULTS, metricAlarms } from '../../lambda/shared/alarms.ts';
import { METRIC, METRICS_NAMESPACE, type MetricName } from '../../lambda/shared/metrics.ts';
import { createMonitor, type LocalMonitor } from '../../local/monitor.ts';
import type { LastHour } from '../../page/contract.ts';
import { eventuallyTrue } from '../support/eventually.ts';
import { type RunningService, startRunningService } from '../support/running-service.ts';

const MINUTE = 60_000;
const ALARMS = metricAlarms(ALARM_DEFAULTS);

/** A log line with a metric, as Powertools prints it. */
const line = (name: MetricName, value: number | number[], Unit = 'Count'): string =>
  JSON.stringify({
    _aws: {
      Timestamp: 0,
      CloudWatchMetrics: [
        { Namespace: METRICS_NAMESPACE, Dimensions: [['service']], Metrics: [{ Name: name, Unit }] },
      ],
    },
    service: 'photo-avatars',
    [name]: value,
  });

/** A monitor on a clock that starts at a full minute. */
const given = () => {
  const time = { now: Date.parse('2026-11-26T12:00:00.000Z') };
  const monitor = createMonitor(ALARMS, () => time.now);
  return {
    time,
    monitor,
    record: (...metric: Parameters<typeof line>) => monitor.record(line(...metric)),
    on: async () => (await monitor.alarms()).items.map(({ name }) => name),
    /** Minutes in which dispatch runs, so that it does not look stopped. */
    pass(minutes: number) {
      for (let passed = 0; passed < minutes; passed += 1) {
        time.now += MINUTE;
        monitor.record(line(METRIC.slotsInUse, 0));
      }
    },
  };
};

describe('the alarms of a service on one machine', () => {
  it('are off at the start', async () => {
    expect(await given().monitor.alarms()).toEqual({ items: [] });
  });

  it('go on with what the stack would say, and off after a period without another', async () => {
    const { record, monitor, time, pass, on } = given();
    time.now += 1_000;
    record(METRIC.inDoubt, [1, 1]);
    const since = new Date(time.now).toISOString();
    pass(2);
    record(METRIC.inDoubt, 1);
    expect(await monitor.alarms()).toEqual({
      items: [
        {
          name: 'in-doubt',
          description: expect.stringMatching(
            /^A request may have been charged .* then resolve the record\.$/,
          ),
          since,
        },
      ],
    });
    pass(4);
    expect(await on()).toEqual(['in-doubt']);
    pass(1);
    expect(await on()).toEqual([]);
  });

  it('follow a state that dispatch publishes every minute', async () => {
    const { record, pass, on } = given();
    record(METRIC.insufficientCredit, 1);
    for (const value of [1, 0, 0, 0, 0]) {
      pass(1);
      record(METRIC.insufficientCredit, value);
      expect(await on()).toEqual(['insufficient-credit']);
    }
    pass(1);
    expect(await on()).toEqual([]);
  });

  it('on few credits keep their state while JoggAI does not say how many are left', async () => {
    const { record, pass, on } = given();
    record(METRIC.creditsLeft, 9.8);
    expect(await on()).toEqual(['low-credit']);
    pass(30);
    expect(await on()).toEqual(['low-credit']);
    record(METRIC.creditsLeft, 10);
    expect(await on()).toEqual([]);
  });

  it('go on when dispatch has not run for five minutes, but not before it had the time to', async () => {
    const { time, on, record } = given();
    time.now += 5 * MINUTE - 1;
    expect(await on()).toEqual([]);
    time.now += 1;
    expect(await on()).toEqual(['dispatch-stopped']);
    record(METRIC.slotsInUse, 0);
    expect(await on()).toEqual([]);
    time.now += 5 * MINUTE;
    expect(await on()).toEqual(['dispatch-stopped']);
  });

  it.each([
    [METRIC.callsToday, 799, 800, 'daily-limit-near'],
    [METRIC.oldestQueuedAge, 21_599, 21_600, 'backlog'],
    [METRIC.oldestGenerationOverdue, 599, 600, 'generation-status-unknown'],
    [METRIC.imageNotCopied, 1, 2, 'images-not-copied'],
  ])('have the thresholds of the stack: %s at %d and %d', async (name, below, at, alarm) => {
    for (const [value, expected] of [[below, []] as const, [at, [alarm]] as const]) {
      const { record, on } = given();
      record(name, value);
      expect(await on()).toEqual(expected);
    }
  });

  it('on failed generations need five failures in an hour, and half of all', async () => {
    const { record, on, pass } = given();
    record(METRIC.failed, [1, 1, 1, 1]);
    expect(await on()).toEqual([]);
    pass(40);
    record(METRIC.failed, 1);
    expect(await on()).toEqual(['generations-fail']);
    record(
      METRIC.succeeded,
      Array.from({ length: 6 }, () => 1),
    );
    expect(await on()).toEqual([]);
    pass(20);
    record(METRIC.failed, [1, 1, 1, 1, 1, 1]);
    expect(await on()).toEqual(['generations-fail']);
  });
});

describe('the figures of the last hour', () => {
  const { time, monitor, record, pass } = given();

  it('are not known before the start, and 0 where nothing was counted', async () => {
    pass(3);
    record(METRIC.accepted, [1, 1, 1]);
    record(METRIC.joggaiLatency, [900, 1_100, 800, 700], 'Milliseconds');
    record(METRIC.failed, 1);
    record(METRIC.parameterError, [1, 1]);
    record(METRIC.oldestQueuedAge, 40, 'Seconds');
    record(METRIC.oldestQueuedAge, 30, 'Seconds');
    record(METRIC.slotsInUse, 12);
    monitor.record('no metric');
    pass(1);
    record(METRIC.queued, 1);
    const hour = await monitor.lastHour();
    const last = (name: keyof LastHour) => [hour[name]].flat().slice(-6);
    expect(hour.from).toBe(new Date(time.now - 59 * MINUTE).toISOString());
    expect(last('accepted')).toEqual([null, 0, 0, 0, 3, 0]);
    expect(last('calls')).toEqual([null, 0, 0, 0, 4, 0]);
    expect(last('failed')).toEqual([null, 0, 0, 0, 3, 0]);
    expect(last('queued')).toEqual([null, 0, 0, 0, 0, 1]);
    expect(last('longestWait')).toEqual([null, null, null, null, 40, null]);
    // Dispatch reported it in each of the minutes that passed.
    expect(last('slotsInUse')).toEqual([null, null, 0, 0, 12, 0]);
    expect(hour.accepted).toHaveLength(60);
  });

  it('end with the hour', async () => {
    pass(58);
    expect((await monitor.lastHour()).accepted.slice(0, 2)).toEqual([3, 0]);
    pass(1);
    expect((await monitor.lastHour()).accepted.filter((value) => value)).toEqual([]);
  });
});

describe('a running service', () => {
  let running: RunningService;
  let monitor: LocalMonitor;
  beforeAll(async () => {
    monitor = createMonitor(ALARMS);
    running = await startRunningService({ onLog: (printed) => monitor.record(printed) });
  });
  afterAll(() => running.close());

  const isOn = async (name: string) => (await monitor.alarms()).items.some((alarm) => alarm.name === name);

  it('shows the alarm and the figures of what really happens at JoggAI', async () => {
    expect((await running.post()).status).toBe(201);
    running.simulator.control.addFault({ kind: 'reset', when: 'after_charging' });
    expect((await running.post()).status).toBe(504);
    await eventuallyTrue(() => isOn('in-doubt'));
    running.simulator.control.configure({ credits: 0 });
    expect((await running.post()).status).toBe(402);
    await eventuallyTrue(() => isOn('insufficient-credit'));
    await running.service.triggerDispatch();
    await eventuallyTrue(() => isOn('low-credit'));
    const sumOf = (series: readonly (number | null)[]) =>
      series.reduce<number>((sum, value) => sum + (value ?? 0), 0);
    const { accepted, calls, inDoubt } = await monitor.lastHour();
    expect([accepted, calls, inDoubt].map(sumOf)).toEqual([1, 3, 1]);
  });
});
