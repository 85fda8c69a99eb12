import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { invocationOf } from './adapters/aws/invocation.ts';
import { compose, wait } from './composition.ts';
import { createDrain } from './domain/submission/drain.ts';
import { createEagerDrain } from './domain/submission/eager-drain.ts';
import { arrivalTimes } from './domain/submission/submission-rules.ts';
import { createSubmitter } from './domain/submission/submit.ts';
import { createMessageRecorder } from './intake/record-message.ts';

/** Paid calls at the same time. Intake uses the slots that are free; dispatch submits the rest. */
const CONCURRENCY = 5;

const { environment, clock, telemetry, ledger, apiKeys, gate, paidApi, ready } = compose();
const paidCallPorts = { ledger, gate, paidApi, apiKeys, clock, events: telemetry, wait };
const recordMessage = createMessageRecorder({
  submitter: createSubmitter(paidCallPorts),
  serviceName: environment.POWERTOOLS_SERVICE_NAME,
  eventQueueArn: environment.EVENT_QUEUE_ARN,
  onSubmission: telemetry.submissionEnded,
  onFailed: (error, correlationId) =>
    telemetry.failed('Message not recorded: it returns to the queue', error, correlationId),
});
const drain = createDrain(paidCallPorts);
const eagerDrain = createEagerDrain(
  (invocation) => drain(invocation, { concurrency: CONCURRENCY, waitForSlots: false }),
  clock,
);

const isFirstDelivery = ({ attributes }: SQSRecord): boolean => attributes.ApproximateReceiveCount === '1';

/** Awaited by the entry that Lambda loads. */
export { ready };

/** Takes requests off the queue. When it returns, the ledger holds each of them. */
export const handler = (event: SQSEvent, context: Context): Promise<SQSBatchResponse> =>
  telemetry.during(context, async () => {
    const invocation = invocationOf(context);
    const times = arrivalTimes(event.Records.length, clock());
    const response = await processPartialResponse(
      event,
      (record: SQSRecord) => recordMessage(record, invocation, times[event.Records.indexOf(record)]),
      new BatchProcessor(EventType.SQS),
      // A batch has ten messages at most. No paid call is made before all of them are recorded.
      { context, processInParallel: true, throwOnFullBatchFailure: false },
    );
    // After a redelivery, which an earlier crash may have caused, it only acknowledges the messages and calls nothing.
    if (response.batchItemFailures.length === 0 && event.Records.every(isFirstDelivery)) {
      try {
        const drained = await eagerDrain(invocation);
        if (drained) telemetry.drained(drained);
      } catch (error) {
        telemetry.failed('Queued requests not submitted: dispatch submits them', error);
      }
    }
    return response;
  });
