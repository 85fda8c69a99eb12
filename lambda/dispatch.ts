import type { Context } from 'aws-lambda';
import { invocationOf } from './adapters/invocation.ts';
import { createPlatform } from './adapters/platform.ts';
import { wait } from './adapters/wait.ts';
import { createDrain } from './domain/drain.ts';
import { keyFingerprint } from './domain/identity.ts';
import { createSweep } from './domain/sweep.ts';

const { telemetry, warmUp, ...platform } = createPlatform();
const { ledger, gate, apiKeys, clock } = platform;
const sweep = createSweep({ ...platform, onLost: telemetry.claimLost });
const drain = createDrain({ ...platform, wait });

/** Paid calls at the same time: with answers as slow as they may be, still enough for the usual rate. */
const CONCURRENCY = 20;

const look = async (): Promise<void> => {
  const key = await apiKeys.current();
  const [account, [oldest]] = await Promise.all([
    gate.look(key.kind === 'present' ? keyFingerprint(key.value) : ''),
    ledger.due('queued', { now: clock(), limit: 1 }),
  ]);
  const age = oldest ? Math.max(0, clock() - Date.parse(oldest.createdAt)) / 1_000 : 0;
  telemetry.accountLooked(account, Math.round(age));
};

/**
 * Moves on whatever is open in the ledger, in whatever state it finds it. Runs every minute and on demand; any
 * number of them at once do no harm.
 */
export const handler = (_event: unknown, context: Context): Promise<void> =>
  telemetry.during(context, async () => {
    await warmUp;
    const invocation = invocationOf(context);
    try {
      await look();
      await sweep(invocation);
      telemetry.drained(await drain(invocation, { concurrency: CONCURRENCY, patient: true }));
    } catch (error) {
      telemetry.failed('Dispatch broke off: the next one goes on', error);
      throw error;
    }
  });
