import type { FunctionEnvironment } from '../lambda/environment.ts';

/** What the functions are told on one machine where it is the same for all: as deployed, on addresses of this machine. */
export const LOCAL_ENVIRONMENT = {
  JOGGAI_CALLS_PER_WINDOW: '20',
  JOGGAI_WINDOW_SECONDS: '60',
  DAILY_CALL_LIMIT: '1000',
  GENERATION_TIMEOUT_MINUTES: '60',
  IMAGE_BUCKET: 'photo-avatars',
  // Where no bucket is needed, none is there.
  IMAGE_ORIGIN: 'http://127.0.0.1:9/photo-avatars',
  // The simulator's pictures lie on this machine.
  IMAGE_HOSTS: '*.jogg.ai,127.0.0.1',
  EVENT_BUS: 'default',
  POWERTOOLS_SERVICE_NAME: 'photo-avatars',
  // All of it shares the processor with what it calls: a limit must not depend on how busy that is.
  REMOTE_TIMEOUT_MS: '60000',
} as const satisfies Partial<FunctionEnvironment>;
