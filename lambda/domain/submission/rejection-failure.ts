import type { LastingRejection } from '../gate/gate-rules.ts';
import { type Failure, REFUSALS } from '../outcome.ts';

/** What a caller who waits is told when the gate takes no calls for now. */
export const failureOfRejection = (rejection: LastingRejection): Failure => {
  switch (rejection.kind) {
    case 'blocked':
      return { code: rejection.reason, ...REFUSALS[rejection.reason] };
    case 'paused':
      return {
        code: 'paused',
        message: 'All calls to JoggAI are paused until an operator resumes them. Nothing was charged.',
        advice: 'Send the request again after the pause; the same Idempotency-Key may be used.',
      };
    case 'daily_limit_reached':
      return {
        code: 'daily_limit_reached',
        message: `Today's limit of ${rejection.limit} paid calls is reached. Nothing was charged.`,
        advice:
          'Send the request again tomorrow (UTC), or raise dailyCallLimit; the same Idempotency-Key may be used.',
      };
    case 'caller_limit_reached':
      return {
        code: 'caller_limit_reached',
        message: `Today's limit of ${rejection.limit} paid calls for one caller is reached. Nothing was charged.`,
        advice:
          'Send the request again tomorrow (UTC), or raise dailyCallLimitPerCaller; the same Idempotency-Key may be used.',
      };
    default:
      return rejection satisfies never;
  }
};
