import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { Context, SQSEvent, SQSRecord } from 'aws-lambda';
import { invocationOf } from '../../lambda/adapters/aws/invocation.ts';
import { compose, wait } from '../../lambda/composition.ts';
import { createDrain } from '../../lambda/domain/submission/drain.ts';
import { createSubmitter } from '../../lambda/domain/submission/submit.ts';
import { createMessageRecorder } from '../../lambda/intake/record-message.ts';

/** Intake as version 0.1.0 has it: one message after the other, and a drain after each batch. */
const { environment, clock, telemetry, ledger, apiKeys, gate, paidApi } = compose();
const paidCallPorts = { ledger, gate, paidApi, apiKeys, clock, events: telemetry, wait };
const recordMessage = createMessageRecorder({
  submitter: createSubmitter(paidCallPorts),
  serviceName: environment.POWERTOOLS_SERVICE_NAME,
  eventQueueArn: environment.EVENT_QUEUE_ARN,
  onSubmission: telemetry.submissionEnded,
  onFailed: (error, correlationId) => telemetry.failed('Message not recorded', error, correlationId),
});
const drain = createDrain(paidCallPorts);

export const handler = (event: SQSEvent, context: Context) =>
  telemetry.during(context, async () => {
    const invocation = invocationOf(context);
    const response = await processPartialResponse(
      event,
      (record: SQSRecord) => recordMessage(record, invocation),
      new BatchProcessor(EventType.SQS),
      { context, processInParallel: false, throwOnFullBatchFailure: false },
    );
    telemetry.drained(await drain(invocation, { concurrency: 5, waitForSlots: false }));
    return response;
  });
