import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { invocationOf } from './adapters/invocation.ts';
import { createPlatform } from './adapters/platform.ts';
import { wait } from './adapters/wait.ts';
import { createDrain } from './domain/drain.ts';
import { createMessageRecorder } from './intake/record-message.ts';

const { telemetry, ready, ...platform } = createPlatform();
const recordMessage = createMessageRecorder({ ...platform, onSubmission: telemetry.submissionEnded });
const drain = createDrain({ ...platform, wait });

/** Paid calls at the same time: an intake that finds free slots uses them, and leaves the rest to dispatch. */
const CONCURRENCY = 5;

const isFirstDelivery = ({ attributes }: SQSRecord): boolean => attributes.ApproximateReceiveCount === '1';

/** Waited for by the entry that Lambda loads. */
export { ready };

/** Takes requests off the queue: the ledger holds them when this returns, whatever becomes of them then. */
export const handler = (event: SQSEvent, context: Context): Promise<SQSBatchResponse> =>
  telemetry.during(context, async () => {
    const invocation = invocationOf(context);
    const response = await processPartialResponse(
      event,
      async (record: SQSRecord) => {
        try {
          await recordMessage(record, invocation);
        } catch (error) {
          telemetry.failed('Message not recorded: it goes back to the queue', error);
          throw error;
        }
      },
      new BatchProcessor(EventType.SQS),
      { context, processInParallel: false, throwOnFullBatchFailure: false },
    );
    // Where messages come again, this function may have died after it recorded them: then they are acknowledged, and
    // nothing else is risked.
    if (response.batchItemFailures.length === 0 && event.Records.every(isFirstDelivery)) {
      try {
        telemetry.drained(await drain(invocation, { concurrency: CONCURRENCY, patient: false }));
      } catch (error) {
        telemetry.failed('Queued requests not submitted: dispatch will', error);
      }
    }
    return response;
  });
