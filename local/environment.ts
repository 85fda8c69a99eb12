import type { FunctionEnvironment } from '../lambda/shared/environment.ts';

/** Environment variables that are equal for all local functions: the deployed values, with local addresses. */
export const LOCAL_ENVIRONMENT = {
  JOGGAI_CALLS_PER_WINDOW: '20',
  JOGGAI_WINDOW_SECONDS: '60',
  DAILY_CALL_LIMIT: '1000',
  GENERATION_TIMEOUT_MINUTES: '60',
  IMAGE_BUCKET: 'photo-avatars',
  // Port 9 is closed: callers that need a bucket override this.
  IMAGE_ORIGIN: 'http://127.0.0.1:9/photo-avatars',
  // The simulator serves its images from 127.0.0.1.
  IMAGE_HOSTS: '*.jogg.ai,127.0.0.1',
  EVENT_BUS: 'default',
  // Callers with a queue override this.
  EVENT_QUEUE_ARN: 'arn:aws:sqs:us-east-1:000000000000:photo-avatars-events',
  POWERTOOLS_SERVICE_NAME: 'photo-avatars',
  // The functions share the CPU with everything that they call: the limit must hold on a busy machine.
  REMOTE_TIMEOUT_MS: '60000',
} as const satisfies Partial<FunctionEnvironment>;
