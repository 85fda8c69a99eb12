import { Duration } from 'aws-cdk-lib';
import type { FunctionEnvironment } from '../lambda/shared/environment.ts';
import { TIMEOUT_SECONDS } from '../lambda/shared/limits.ts';
import { DEFAULTS } from './defaults.ts';
import type { PhotoAvatarsProps } from './photo-avatars-props.ts';
import type { CommonFunctionProps, ServiceFunctionProps } from './service-function.ts';

/** The variables that depend on resources. */
type OfResources = Pick<
  FunctionEnvironment,
  | 'LEDGER_TABLE'
  | 'API_KEY_SECRET'
  | 'IMAGE_BUCKET'
  | 'IMAGE_ORIGIN'
  | 'EVENT_BUS'
  | 'EVENT_QUEUE_ARN'
  | 'POWERTOOLS_SERVICE_NAME'
>;

/** The environment variables of every function. */
export const functionEnvironment = (props: PhotoAvatarsProps, ofResources: OfResources) => ({
  ...ofResources,
  JOGGAI_BASE_URL: props.joggaiBaseUrl ?? DEFAULTS.joggaiBaseUrl,
  JOGGAI_CALLS_PER_WINDOW: String(props.joggaiCallsPerMinute ?? DEFAULTS.joggaiCallsPerMinute),
  JOGGAI_WINDOW_SECONDS: '60',
  DAILY_CALL_LIMIT: String(props.dailyCallLimit ?? DEFAULTS.dailyCallLimit),
  ...(props.dailyCallLimitPerCaller && {
    DAILY_CALL_LIMIT_PER_CALLER: String(props.dailyCallLimitPerCaller),
  }),
  GENERATION_TIMEOUT_MINUTES: String(
    props.generationTimeout?.toMinutes() ?? DEFAULTS.generationTimeoutMinutes,
  ),
  IMAGE_HOSTS: (props.imageHosts ?? DEFAULTS.imageHosts).join(),
  ...(props.retentionDays && { RETENTION_DAYS: String(props.retentionDays) }),
  ...(props.ownRecordsOnly && { OWN_RECORDS_ONLY: 'true' as const }),
});

type OwnProps = Omit<ServiceFunctionProps, keyof CommonFunctionProps>;

export const API_FUNCTION: OwnProps = {
  handlerName: 'api',
  description: 'Answers callers of the HTTP API and direct invocations.',
  timeout: Duration.seconds(TIMEOUT_SECONDS.api),
  impact: {
    error: 'A request failed: the function crashed, timed out or could not start.',
    throttle:
      'Callers were rejected before their requests were recorded: Lambda had no concurrency left for the function.',
  },
};

export const INTAKE_FUNCTION: OwnProps = {
  handlerName: 'intake',
  description: 'Records the requests from the queue.',
  timeout: Duration.seconds(TIMEOUT_SECONDS.intake),
  impact: {
    error: 'Requests from events are recorded late: the function crashed, timed out or could not start.',
    throttle: 'Requests from events wait on the queue: Lambda had no concurrency left for the function.',
  },
};
