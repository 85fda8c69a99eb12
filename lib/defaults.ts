import { RetentionDays } from 'aws-cdk-lib/aws-logs';

/** What applies where nothing is said, to the construct as to the configuration. */
export const DEFAULTS = {
  joggaiBaseUrl: 'https://api.jogg.ai',
  joggaiCallsPerMinute: 20,
  /** About 200 credits: a runaway caller costs that and no more. */
  dailyCallLimit: 1_000,
  /** Credits: 50 calls. */
  lowCreditThreshold: 10,
  /** JoggAI's documentation gives 2 to 5 minutes; its own tools wait for 30. */
  generationTimeoutMinutes: 60,
  /** JoggAI's samples lie on res.jogg.ai. A picture of another host is never copied, so its whole domain is let in. */
  imageHosts: ['jogg.ai', '*.jogg.ai'],
  logRetentionDays: RetentionDays.THREE_MONTHS,
  /** Requests a second, over time. */
  throttleRate: 20,
  /** Requests at once. */
  throttleBurst: 50,
  /** At the usual 20 a minute, 7,200 requests are submitted in this time. */
  backlogAlarmMinutes: 360,
  /** MB. */
  memorySize: 512,
} as const;
