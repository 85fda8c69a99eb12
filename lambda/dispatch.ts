import type { Context } from 'aws-lambda';
import { createAnnouncer } from './adapters/announcer.ts';
import { createImageKeeper } from './adapters/image-keeper.ts';
import { invocationOf } from './adapters/invocation.ts';
import { createPlatform } from './adapters/platform.ts';
import { wait } from './adapters/wait.ts';
import { createAccountWatch } from './domain/account-watch.ts';
import { createCompletion } from './domain/completion.ts';
import { createDrain } from './domain/drain.ts';
import type { Invocation } from './domain/paid-call.ts';
import { createSweep } from './domain/sweep.ts';

const { telemetry, ready, environment, ...platform } = createPlatform();
const { ledger, clock } = platform;
const announcer = createAnnouncer({
  busName: environment.EVENT_BUS,
  serviceName: environment.POWERTOOLS_SERVICE_NAME,
  bucketName: environment.IMAGE_BUCKET,
  timeoutMs: environment.REMOTE_TIMEOUT_MS,
});
const images = createImageKeeper({
  bucketName: environment.IMAGE_BUCKET,
  hosts: environment.IMAGE_HOSTS,
  connectTimeoutMs: environment.REMOTE_TIMEOUT_MS,
});
const accountWatch = createAccountWatch({ ...platform, announcer });
const sweep = createSweep({ ...platform, onLost: telemetry.claimLost });
const drain = createDrain({ ...platform, wait });
const complete = createCompletion({ ...platform, announcer, images });

/** Paid calls at the same time: with answers as slow as they may be, still enough for the usual rate. */
const CONCURRENCY = 20;

const look = async (): Promise<void> => {
  const [seen, [oldest]] = await Promise.all([
    accountWatch.look(),
    ledger.due('queued', { now: clock(), limit: 1 }),
  ]);
  const age = oldest ? Math.max(0, clock() - Date.parse(oldest.createdAt)) / 1_000 : 0;
  telemetry.accountSeen(seen, Math.round(age));
  await accountWatch.tell(seen);
};

const submitQueued = async (invocation: Invocation): Promise<void> => {
  telemetry.drained(await drain(invocation, { concurrency: CONCURRENCY, patient: true }));
};

/** Does all of it at once, and says what broke off: each task stands for itself. */
const together = async (tasks: readonly (() => Promise<void>)[]): Promise<unknown[]> => {
  const ends = await Promise.allSettled(tasks.map((task) => task()));
  return ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
};

/** Waited for by the entry that Lambda loads. */
export { ready };

/**
 * Moves on whatever is open in the ledger, in whatever state it finds it. Runs every minute and on demand; any
 * number of them at once do no harm.
 */
export const handler = (_event: unknown, context: Context): Promise<void> =>
  telemetry.during(context, async () => {
    const invocation = invocationOf(context);
    const broken = [
      // The look may find that a blocked account is worth a probe, which the drain then makes.
      ...(await together([look, () => sweep(invocation)])),
      ...(await together([() => submitQueued(invocation), () => complete(invocation)])),
    ];
    for (const error of broken) telemetry.failed('Dispatch broke off: the next one goes on', error);
    if (broken.length > 0) throw broken[0];
  });
