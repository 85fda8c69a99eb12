import type { MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { expect, it } from 'vitest';
import { once } from '../../cli/checks/check.ts';
import { createStackMonitor } from '../../cli/console/stack-monitor.ts';

const ON: MetricAlarm = {
  AlarmName: 'a',
  StateValue: 'ALARM',
  AlarmDescription: 'On. See docs/operations.md#in-doubt',
};
const signal = new AbortController().signal;

/** A monitor on a clock, of a stack whose alarms are read by this. */
const given = (read: () => Promise<MetricAlarm[]>) => {
  const time = { now: 0, reads: 0 };
  const alarmsNow = () => {
    time.reads += 1;
    return read();
  };
  const cloudWatch = () => Promise.reject(new TypeError('not asked'));
  const stack = { alarmsNow, cloudWatch };
  return {
    time,
    monitor: createStackMonitor({ stack, stackName: 's', serviceName: 'n', now: () => time.now }),
  };
};

it('alarms are read at most every ten seconds, however many pages ask', async () => {
  const { time, monitor } = given(async () => [ON]);
  const lists = await Promise.all([monitor.alarms(), monitor.alarms()]);
  for (const { items } of lists) expect(items).toEqual([{ name: 'in-doubt', description: 'On.' }]);
  time.now = 9_999;
  await monitor.alarms();
  expect(time.reads).toBe(1);
  time.now = 10_000;
  await monitor.alarms();
  expect(time.reads).toBe(2);
});

it('a failure is shown, and the alarms are read again later', async () => {
  const answers = [() => Promise.reject(new RangeError('a secret')), async () => [ON]];
  const { time, monitor } = given(async () => answers.shift()?.() ?? []);
  expect(await monitor.alarms()).toEqual({
    items: [],
    unavailable: 'CloudWatch could not be read (RangeError).',
  });
  time.now = 10_000;
  expect((await monitor.alarms()).items).toHaveLength(1);
});

it('a stack without the name of its service has no figures, and says so', async () => {
  const stack = { alarmsNow: async () => [], cloudWatch: () => Promise.reject(new Error('not asked')) };
  const monitor = createStackMonitor({ stack, stackName: 's', serviceName: undefined });
  expect(await monitor.lastHour()).toMatchObject({ unavailable: expect.stringContaining('ServiceName') });
});

it('what is read once for all is read again after a failure', async () => {
  const answers = [() => Promise.reject(new Error('no network')), async () => 'read'];
  const read = once(async () => answers.shift()?.());
  await expect(read(signal)).rejects.toThrow('no network');
  expect([await read(signal), await read(signal)]).toEqual(['read', 'read']);
});
