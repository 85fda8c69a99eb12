import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import type { AccountCheck } from '../domain/gate/account-watch.ts';
import type { CompletionEvents } from '../domain/generation/completion.ts';
import { BLOCK_REASONS, type FailureCode } from '../domain/outcome.ts';
import type { AvatarRecord } from '../domain/record/record.ts';
import type { Drained } from '../domain/submission/drain.ts';
import type { SubmissionEvents } from '../domain/submission/paid-call.ts';
import type { Submission } from '../domain/submission/submit.ts';
import { errorName, ShownError } from '../shared/error-name.ts';
import { METRIC, METRICS_NAMESPACE, type MetricName } from '../shared/metrics.ts';
import type { JoggAiAnswer } from './joggai/paid-api.ts';
import { describeError, keyFields } from './log-fields.ts';

/** Log lines and metrics of the functions: ids and codes, never a request's text. */
export interface Telemetry extends SubmissionEvents, CompletionEvents {
  /**
   * Runs one invocation: its log lines carry its id, and its metrics are printed at its end, also after an error.
   *
   * @throws ShownError only
   */
  during<Result>(context: Context, work: () => Promise<Result>): Promise<Result>;
  /**
   * The one request that this invocation serves: from now on its log lines carry the id.
   *
   * @param httpRequestId API Gateway's, if it is another one
   */
  correlate(correlationId: string, httpRequestId?: string): void;
  joggaiAnswered(answer: JoggAiAnswer): void;
  /** @param correlationId of the request, where an invocation serves several */
  submissionEnded(submission: Submission | { readonly kind: 'invalid' }, correlationId?: string): void;
  /** A claim expired without an outcome. */
  leaseExpired(record: AvatarRecord): void;
  /** Dispatch checked the account, once a minute: the alarms of a block follow its metrics. */
  accountChecked(seen: AccountCheck, oldest: OldestRecords): void;
  unseenStatus(status: string): void;
  drained(drained: Drained): void;
  invocationRefused(name: string): void;
  /** An item of the ledger's table cannot be read. `fields`: those that are wrong. */
  itemUnreadable(id: string, fields: readonly string[]): void;
  /** An unhandled error. */
  failed(message: string, error: unknown, correlationId?: string): void;
}

/** Gauges of the oldest records, in milliseconds; 0 if there is none. */
export interface OldestRecords {
  readonly oldestQueuedAgeMs: number;
  readonly oldestGenerationOverdueMs: number;
}

/** Failure codes with an alarm. */
const METRIC_OF_FAILURE = {
  insufficient_credit: METRIC.insufficientCredit,
  no_permission: METRIC.noPermission,
  invalid_key: METRIC.invalidApiKey,
  invalid_parameters: METRIC.parameterError,
  rate_limited: METRIC.rateLimited,
} as const satisfies Partial<Record<FailureCode, MetricName>>;

const IN_EXPRESSIONS = [METRIC.succeeded, METRIC.failed, METRIC.refusedInvocation] as const;

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
  const addSeconds = (name: MetricName, milliseconds: number): void => {
    metrics.addMetric(name, MetricUnit.Seconds, Math.round(milliseconds / 1_000));
  };
  /** Items that this invocation reported: it may read them many times. */
  const unreadable = new Set<string>();
  /** Of the one request that this invocation serves, if it serves one. */
  let current: string | undefined;
  /** A repeated request has an id of its own: its lines have both. */
  const correlated = (ofRecord: string | undefined, own = current) => ({
    correlation_id: own ?? ofRecord,
    ...(own !== undefined && ofRecord !== own && { first_correlation_id: ofRecord }),
  });
  const fieldsOf = (record: AvatarRecord, own?: string) => ({
    record_id: record.id,
    ...correlated(record.correlationId, own),
    status: record.status,
    charged: record.charged,
    attempts: record.attempts,
    photo_id: record.photoId,
    error_code: record.error?.code,
    joggai_code: record.error?.joggai?.code,
  });

  const failed = (message: string, error: unknown, correlationId = current): void => {
    count(METRIC.unexpectedError);
    logger.error(message, { correlation_id: correlationId, problem: describeError(error) });
  };

  return {
    failed,

    async during(context, work) {
      unreadable.clear();
      current = undefined;
      logger.resetKeys();
      logger.addContext(context);
      try {
        return await work();
      } catch (error) {
        if (error instanceof ShownError) throw error;
        failed('Invocation failed', error);
        throw new ShownError(errorName(error), 'The invocation failed: see its log lines.');
      } finally {
        if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
      }
    },

    correlate(correlationId, httpRequestId = correlationId) {
      current = correlationId;
      logger.appendKeys({ correlation_id: correlationId });
      if (httpRequestId === correlationId) return;
      // The access log has API Gateway's id only. This line joins the two, even if the request logs no other.
      logger.appendKeys({ http_request_id: httpRequestId });
      logger.info('Correlated by the caller');
    },

    outcomeRecorded(record, outcome) {
      metricsOf(record).forEach(count);
      logger.info('Outcome recorded', { ...fieldsOf(record), outcome: outcome.kind });
    },

    outcomeNotRecorded(record, problem) {
      count(METRIC.inDoubt);
      logger.error('Outcome not recorded: the ledger will show this request as in doubt', {
        ...fieldsOf(record),
        problem,
      });
    },

    slotNotReleased(attemptId, problem, correlationId) {
      logger.warn('Slot not released: it becomes free when its lease expires', {
        attempt_id: attemptId,
        ...correlated(correlationId),
        problem,
      });
    },

    joggaiAnswered({ recordId, correlationId, latencyMs, ...answer }) {
      metrics.addMetric(METRIC.joggaiLatency, MetricUnit.Milliseconds, Math.round(latencyMs));
      logger.info('JoggAI called', {
        record_id: recordId,
        ...correlated(correlationId),
        ...answer,
        latency_ms: Math.round(latencyMs),
      });
    },

    submissionEnded(submission, correlationId = current) {
      switch (submission.kind) {
        case 'invalid':
          count(METRIC.invalidRequest);
          logger.info('Request not valid', { correlation_id: correlationId });
          return;
        case 'no_api_key':
          count(METRIC.missingApiKey);
          logger.error('No JoggAI API key', keyFields(submission.state));
          return;
        case 'queued':
          metricsOf(submission.record).forEach(count);
          logger.info('Request queued', {
            ...fieldsOf(submission.record, correlationId),
            rejection: submission.rejection?.kind,
          });
          return;
        case 'rejected_by_gate':
          // Counted, so that the alarm of a block stays on while callers meet it.
          metricsOf(submission.record).forEach(count);
          logger.warn('Request rejected by the gate', {
            ...fieldsOf(submission.record, correlationId),
            rejection: submission.rejection.kind,
          });
          return;
        case 'replayed':
        case 'key_reused':
          logger.info('Idempotency key known', {
            ...fieldsOf(submission.record, correlationId),
            as: submission.kind,
          });
          return;
        case 'submitted':
        case 'unrecorded':
          // Logged by `outcomeRecorded` or `outcomeNotRecorded`.
          return;
        default:
          submission satisfies never;
      }
    },

    leaseExpired(record) {
      count(METRIC.inDoubt);
      logger.error('Lease expired without an outcome: in doubt', fieldsOf(record));
    },

    accountChecked(
      { account: { rejection, slots, callsToday, backOff }, block, creditsLeft },
      { oldestQueuedAgeMs, oldestGenerationOverdueMs },
    ) {
      for (const reason of BLOCK_REASONS) {
        metrics.addMetric(METRIC_OF_FAILURE[reason], MetricUnit.Count, reason === block?.reason ? 1 : 0);
      }
      metrics.addMetric(METRIC.backingOff, MetricUnit.Count, backOff ? 1 : 0);
      metrics.addMetric(METRIC.slotsInUse, MetricUnit.Count, slots.inUse);
      metrics.addMetric(METRIC.callsToday, MetricUnit.Count, callsToday);
      addSeconds(METRIC.oldestQueuedAge, oldestQueuedAgeMs);
      addSeconds(METRIC.oldestGenerationOverdue, oldestGenerationOverdueMs);
      // An alarm on an expression needs a value of every metric in it, even if it never counted anything.
      for (const name of IN_EXPRESSIONS) metrics.addMetric(name, MetricUnit.Count, 0);
      if (creditsLeft !== undefined) metrics.addMetric(METRIC.creditsLeft, MetricUnit.Count, creditsLeft);
      logger.info('Account checked', {
        rejection,
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
      logger.warn('Image not copied', { ...fieldsOf(record), reason, final: isFinal });
    },

    stuck(record, error) {
      logger.error('Record not advanced: the next dispatch tries again', {
        ...fieldsOf(record),
        problem: describeError(error),
      });
      count(METRIC.unexpectedError);
    },

    unseenStatus(status) {
      count(METRIC.unseenStatus);
      logger.warn('JoggAI returned an unknown status', { joggai_status: status });
    },

    drained({ calls, end }) {
      if (end.kind === 'no_api_key') {
        count(METRIC.missingApiKey);
        logger.error('No JoggAI API key', keyFields(end.state));
      }
      logger.info('Drained', {
        calls,
        end: end.kind,
        rejection: end.kind === 'rejected_by_gate' ? end.rejection.kind : undefined,
      });
    },

    invocationRefused(name) {
      count(METRIC.refusedInvocation);
      logger.info('Invocation refused', { error_name: name });
    },

    itemUnreadable(id, fields) {
      if (unreadable.has(id)) return;
      unreadable.add(id);
      count(METRIC.unreadableItem);
      logger.error('Item of the ledger not readable: left as it is', {
        record_id: id,
        invalid_fields: fields,
      });
    },
  };
};
