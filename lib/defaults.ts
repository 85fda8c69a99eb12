import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { ALARM_DEFAULTS } from '../lambda/shared/alarms.ts';

/** Defaults of the construct and of the configuration. */
export const DEFAULTS = {
  /** Path in this package. */
  runbookUrl: 'docs/operations.md',
  joggaiBaseUrl: 'https://api.jogg.ai',
  joggaiCallsPerMinute: 20,
  ...ALARM_DEFAULTS,
  /** JoggAI's documentation gives 2 to 5 minutes; its own tools wait for 30. */
  generationTimeoutMinutes: 60,
  /** JoggAI's sample images are on res.jogg.ai. Other hosts are rejected, so the whole domain is allowed. */
  imageHosts: ['jogg.ai', '*.jogg.ai'],
  logRetentionDays: RetentionDays.THREE_MONTHS,
  /** Sustained requests per second. */
  throttleRate: 20,
  /** Burst of requests. */
  throttleBurst: 50,
  /** MB. */
  memorySize: 512,
} as const;
