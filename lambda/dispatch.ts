import type { Context } from 'aws-lambda';
import { createAccountNotes } from './adapters/account-notes.ts';
import { invocationOf } from './adapters/aws/invocation.ts';
import { createEventPublisher } from './adapters/event-publisher.ts';
import { createImageStore } from './adapters/images/image-store.ts';
import { compose, composeFreeApi, pollSettings, wait } from './composition.ts';
import { createAccountWatch } from './domain/gate/account-watch.ts';
import { createCompletion } from './domain/generation/completion.ts';
import { isGenerating, overdueMs } from './domain/generation/generation-rules.ts';
import type { Invocation } from './domain/ports.ts';
import { openSnapshot } from './domain/record/open-snapshot.ts';
import { queuedSince } from './domain/record/record.ts';
import { createDrain } from './domain/submission/drain.ts';
import { createSweep } from './domain/submission/sweep.ts';
import { ShownError } from './shared/error-name.ts';

const { environment, clock, telemetry, dynamoDb, ledger, apiKeys, gate, paidApi, ready } = compose();
const freeApi = composeFreeApi(environment, telemetry);
const publisher = createEventPublisher({
  busName: environment.EVENT_BUS,
  serviceName: environment.POWERTOOLS_SERVICE_NAME,
  bucketName: environment.IMAGE_BUCKET,
  timeoutMs: environment.REMOTE_TIMEOUT_MS,
});
const images = createImageStore({
  bucketName: environment.IMAGE_BUCKET,
  hosts: environment.IMAGE_HOSTS,
  connectTimeoutMs: environment.REMOTE_TIMEOUT_MS,
});
const notes = createAccountNotes(dynamoDb, environment.LEDGER_TABLE, telemetry.itemUnreadable);
const accountWatch = createAccountWatch({ gate, apiKeys, freeApi, notes, publisher, clock });
const settings = pollSettings(environment);

/** Paid calls at the same time: enough for the usual rate even when every answer is slow. */
const CONCURRENCY = 20;

/** The parts of one run. Each reads the open records for itself. */
const createRun = (invocation: Invocation) => {
  const readOpen = openSnapshot(ledger);
  const ports = () => ({ ledger: { ...ledger, ...readOpen() }, apiKeys, clock, events: telemetry });
  const sweep = createSweep({ ...ports(), onLeaseExpired: telemetry.leaseExpired });
  const drain = createDrain({ ...ports(), gate, paidApi, wait });
  const complete = createCompletion({ ...ports(), freeApi, images, publisher, settings });
  const open = readOpen();
  return {
    checkAccount: async (): Promise<void> => {
      const [check, [queued], generation] = await Promise.all([
        accountWatch.check(),
        open.due('queued', { now: clock(), limit: 1 }),
        open.oldest('generating'),
      ]);
      const now = clock();
      telemetry.accountChecked(check, {
        oldestQueuedAgeMs: queued ? Math.max(0, now - Date.parse(queuedSince(queued))) : 0,
        oldestGenerationOverdueMs:
          generation && isGenerating(generation) ? overdueMs(generation, settings, now) : 0,
      });
      await accountWatch.publishChange(check);
    },
    sweep: () => sweep(invocation),
    submitQueued: async (): Promise<void> => {
      telemetry.drained(await drain(invocation, { concurrency: CONCURRENCY, waitForSlots: true }));
    },
    complete: () => complete(invocation),
  };
};

/** Runs all tasks at the same time and returns the errors of those that failed. */
const together = async (tasks: readonly (() => Promise<void>)[]): Promise<unknown[]> => {
  const ends = await Promise.allSettled(tasks.map((task) => task()));
  return ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
};

/** Awaited by the entry that Lambda loads. */
export { ready };

/**
 * Advances every open record of the ledger. Runs every minute and on demand; concurrent runs are safe.
 */
export const handler = (_event: unknown, context: Context): Promise<void> =>
  telemetry.during(context, async () => {
    const { checkAccount, sweep, submitQueued, complete } = createRun(invocationOf(context));
    const errors = [
      // The check may allow the probe of a blocked account, which the drain then sends.
      ...(await together([checkAccount, sweep])),
      ...(await together([submitQueued, complete])),
    ];
    for (const error of errors) telemetry.failed('Dispatch failed in part: the next run continues', error);
    if (errors.length > 0) {
      throw new ShownError(
        'DispatchFailed',
        'A part of dispatch failed: see the log lines of this run. The next run continues.',
      );
    }
  });
