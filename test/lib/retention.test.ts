import { describe, expect, it } from 'vitest';
import { MIN_RETENTION_DAYS } from '../../lambda/shared/limits.ts';
import { readConfiguration } from '../../lib/config.ts';
import { deployed, embedded, resources } from './synthesize.ts';

const DAY_SECONDS = 24 * 60 * 60;

describe('the retention of the ledger', () => {
  it('outlives a message that waits on the queue, is put back from the dead-letter queue, and waits again', () => {
    const { template } = deployed({ retentionDays: MIN_RETENTION_DAYS });
    const kept = resources(template, 'AWS::SQS::Queue').map(({ Properties }) =>
      Number(Properties.MessageRetentionPeriod),
    );
    expect(kept).toHaveLength(4);
    // A message keeps its age when it moves to the dead-letter queue, and starts anew when it is put back.
    expect(2 * Math.max(...kept)).toBeLessThan(MIN_RETENTION_DAYS * DAY_SECONDS);
  });

  it.each([1, 14, 29])('cannot be %d days, because a key would be forgotten too early', (retentionDays) => {
    expect(() => readConfiguration({ retentionDays })).toThrow(
      `retentionDays is ${retentionDays}. Expected: 0, or a whole number from 30 to 36500`,
    );
    expect(() => embedded({ retentionDays })).toThrow(/retentionDays is .*at least 30/);
  });

  it.each([0, 30, 365])('can be %d days', (retentionDays) => {
    expect(readConfiguration({ retentionDays: String(retentionDays) }).retentionDays).toBe(retentionDays);
    expect(() => embedded({ retentionDays })).not.toThrow();
  });

  it.each([30.5, -1])('cannot be %d days', (retentionDays) => {
    expect(() => readConfiguration({ retentionDays })).toThrow('0, or a whole number from 30 to 36500');
    expect(() => embedded({ retentionDays })).toThrow('retentionDays');
  });
});
