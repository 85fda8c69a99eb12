import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import type { AccountSeen } from '../domain/account-watch.ts';
import type { CompletionEvents } from '../domain/completion.ts';
import type { Drained } from '../domain/drain.ts';
import type { FailureCode } from '../domain/outcome.ts';
import type { SubmissionEvents } from '../domain/paid-call.ts';
import type { ApiKeyState } from '../domain/ports.ts';
import type { AvatarRecord } from '../domain/record.ts';
import type { Submission } from '../domain/submission.ts';
import { METRIC, METRICS_NAMESPACE, type MetricName } from '../metrics.ts';
import type { JoggAiAnswer } from './joggai.ts';

/** What the functions say about themselves: log lines and metrics, with ids and codes, never a request's words. */
export interface Telemetry extends SubmissionEvents, CompletionEvents {
  /** Runs one invocation: its lines carry its id, its metrics are printed at its end, whatever happens in it. */
  during<Result>(context: Context, work: () => Promise<Result>): Promise<Result>;
  joggaiAnswered(answer: JoggAiAnswer): void;
  submissionEnded(submission: Submission | { readonly kind: 'invalid' }): void;
  /** A claim that nobody ended was put in doubt. */
  claimLost(record: AvatarRecord): void;
  /** What dispatch finds, every minute: the alarms of a block stay on by it, and end by it. */
  accountSeen(seen: AccountSeen, oldestQueuedAgeSeconds: number): void;
  unseenStatus(status: string): void;
  drained(drained: Drained): void;
  invocationRefused(name: string): void;
  /** An error that nobody foresaw. */
  failed(message: string, error: unknown): void;
}

/** Codes on a record that an alarm watches. */
const METRIC_OF_FAILURE = {
  insufficient_credit: METRIC.insufficientCredit,
  no_permission: METRIC.noPermission,
  invalid_key: METRIC.invalidApiKey,
  invalid_parameters: METRIC.parameterError,
  rate_limited: METRIC.rateLimited,
} as const satisfies Partial<Record<FailureCode, MetricName>>;

const IN_EXPRESSIONS = [METRIC.succeeded, METRIC.failed, METRIC.refusedInvocation] as const;

const BLOCK_REASONS = ['insufficient_credit', 'no_permission', 'invalid_key'] as const;

const METRIC_OF_STATUS: Partial<Record<AvatarRecord['status'], MetricName>> = {
  generating: METRIC.accepted,
  queued: METRIC.queued,
  failed: METRIC.failed,
  in_doubt: METRIC.inDoubt,
};

const metricsOf = ({ status, error }: AvatarRecord): (MetricName | undefined)[] => {
  const byFailure: Partial<Record<FailureCode, MetricName>> = METRIC_OF_FAILURE;
  return [METRIC_OF_STATUS[status], error && byFailure[error.code]];
};

/** @param serviceName the one dimension of every metric */
export const createTelemetry = (serviceName: string): Telemetry => {
  const logger = new Logger({ serviceName });
  const metrics = new Metrics({ namespace: METRICS_NAMESPACE, serviceName, logger });
  const count = (name: MetricName | undefined): void => {
    if (name) metrics.addMetric(name, MetricUnit.Count, 1);
  };
  const fieldsOf = (record: AvatarRecord) => ({
    record_id: record.id,
    status: record.status,
    charged: record.charged,
    attempts: record.attempts,
    photo_id: record.photoId,
    error_code: record.error?.code,
    joggai_code: record.error?.joggai?.code,
  });

  return {
    async during(context, work) {
      logger.resetKeys();
      logger.addContext(context);
      try {
        return await work();
      } finally {
        if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
      }
    },

    settled(record, outcome) {
      metricsOf(record).forEach(count);
      logger.info('Outcome recorded', { ...fieldsOf(record), outcome: outcome.kind });
    },

    unrecorded(record, problem) {
      count(METRIC.inDoubt);
      logger.error('Outcome not recorded: the ledger will show this request as in doubt', {
        ...fieldsOf(record),
        problem,
      });
    },

    slotNotReturned(attemptId, problem) {
      logger.warn('Slot not given back: it frees itself when its lease is over', {
        attempt_id: attemptId,
        problem,
      });
    },

    joggaiAnswered({ recordId, latencyMs, ...answer }) {
      metrics.addMetric(METRIC.joggaiLatency, MetricUnit.Milliseconds, Math.round(latencyMs));
      logger.info('JoggAI called', { record_id: recordId, ...answer, latency_ms: Math.round(latencyMs) });
    },

    submissionEnded(submission) {
      switch (submission.kind) {
        case 'invalid':
          count(METRIC.invalidRequest);
          logger.info('Request not valid');
          return;
        case 'no_api_key':
          count(METRIC.missingApiKey);
          logger.error('No JoggAI API key', keyFields(submission.state));
          return;
        case 'queued':
          metricsOf(submission.record).forEach(count);
          logger.info('Request queued', { ...fieldsOf(submission.record), why: submission.why?.kind });
          return;
        case 'turned_back':
          // The alarm of a block stays on as long as people run into it.
          metricsOf(submission.record).forEach(count);
          logger.warn('Request turned back', { ...fieldsOf(submission.record), why: submission.why.kind });
          return;
        case 'replayed':
        case 'key_reused':
          logger.info('Idempotency key known', { ...fieldsOf(submission.record), as: submission.kind });
          return;
        case 'submitted':
        case 'unrecorded':
          // Told by `settled` or `unrecorded`, when it happened.
          return;
        default:
          submission satisfies never;
      }
    },

    claimLost(record) {
      count(METRIC.inDoubt);
      logger.error('Claim without an outcome: in doubt', fieldsOf(record));
    },

    accountSeen({ account: { closed, slots, callsToday }, block, creditsLeft }, oldestQueuedAgeSeconds) {
      for (const reason of BLOCK_REASONS) {
        metrics.addMetric(METRIC_OF_FAILURE[reason], MetricUnit.Count, reason === block?.reason ? 1 : 0);
      }
      metrics.addMetric(METRIC.slotsInUse, MetricUnit.Count, slots.inUse);
      metrics.addMetric(METRIC.callsToday, MetricUnit.Count, callsToday);
      metrics.addMetric(METRIC.oldestQueuedAge, MetricUnit.Seconds, oldestQueuedAgeSeconds);
      // Alarms on an expression need a value of every metric in it, also where it never counted anything.
      for (const name of IN_EXPRESSIONS) metrics.addMetric(name, MetricUnit.Count, 0);
      if (creditsLeft !== undefined) metrics.addMetric(METRIC.creditsLeft, MetricUnit.Count, creditsLeft);
      logger.info('Account looked at', {
        closed,
        blocked_by: block?.reason,
        slots,
        calls_today: callsToday,
        credits_left: creditsLeft,
      });
    },

    ended(record) {
      count(record.status === 'succeeded' ? METRIC.succeeded : METRIC.failed);
      if (record.generatingSince) {
        const took = Date.parse(record.updatedAt) - Date.parse(record.generatingSince);
        metrics.addMetric(METRIC.generationTime, MetricUnit.Milliseconds, took);
      }
      logger.info('Generation ended', { ...fieldsOf(record), images: record.images?.length });
    },

    notCopied(record, reason, isFinal) {
      count(METRIC.imageNotCopied);
      logger.warn('Picture not copied', { ...fieldsOf(record), reason, final: isFinal });
    },

    stuck(record, error) {
      logger.error('Record not moved on: the next dispatch tries again', {
        ...fieldsOf(record),
        problem: describeError(error),
      });
      count(METRIC.unexpectedError);
    },

    unseenStatus(status) {
      count(METRIC.unseenStatus);
      logger.warn('JoggAI gave a status that is not known', { joggai_status: status });
    },

    drained({ calls, end }) {
      if (end.kind === 'no_api_key') {
        count(METRIC.missingApiKey);
        logger.error('No JoggAI API key', keyFields(end.state));
      }
      logger.info('Drained', { calls, end: end.kind, why: end.kind === 'closed' ? end.why.kind : undefined });
    },

    invocationRefused(name) {
      count(METRIC.refusedInvocation);
      logger.info('Invocation refused', { error_name: name });
    },

    failed(message, error) {
      count(METRIC.unexpectedError);
      logger.error(message, { problem: describeError(error) });
    },
  };
};

const keyFields = (state: ApiKeyState) => ({
  api_key: state.kind,
  problem: 'problem' in state ? state.problem : undefined,
});

/**
 * An error without what it may repeat of a request: its own message is left out unless AWS or the system wrote it.
 */
const describeError = (error: unknown) => {
  if (!(error instanceof Error)) return { name: typeof error };
  const isTold = '$metadata' in error || 'syscall' in error;
  return {
    name: error.name,
    message: isTold ? error.message : undefined,
    frames: error.stack?.split('\n').filter((line) => /^\s+at /.test(line)),
  };
};
