import { type AccountBody, isPhotoAvatarsError, type PhotoAvatarsClient } from '../../client/index.ts';
import { durationText } from '../durations.ts';
import { type Check, error, neededFrom, ok, once, runbook, skipped, warning } from './check.ts';

export interface ServiceChecksOptions {
  readonly client: PhotoAvatarsClient;
  /** Credits below which the low-credit alarm fires. */
  readonly lowCredits: (signal: AbortSignal) => Promise<number>;
  /** How long a queued request may wait before the backlog alarm fires, in milliseconds. */
  readonly longWaitMs: (signal: AbortSignal) => Promise<number>;
  /** How to store the JoggAI key. */
  readonly putApiKey: string;
  /** Whether a key that was never stored is a warning, as after the first deployment of a stage. */
  readonly allowMissingKey: boolean;
  /** Completes `photo-avatars …` to a command for this service. */
  readonly command: (...args: string[]) => string;
  readonly now: () => number;
}

/** A valid request with the required fields only. A dry run does not pay for it. */
const REQUEST = {
  age: 'Adult',
  avatar_style: 'Professional',
  gender: 'Female',
  model: 'modern',
  aspect_ratio: 'portrait',
} as const;

/** Dispatch runs every minute, and a run may take two. */
const DISPATCH_MS = 3 * 60_000;
/** A failed free read is repeated every minute. */
const JOGGAI_MS = 5 * 60_000;
/** One call. */
const MIN_CREDITS = 0.2;
const PAGE = 100;

const RUNBOOK_OF = {
  insufficient_credit: 'insufficient-credit',
  no_permission: 'no-permission',
  invalid_key: 'invalid-api-key',
} as const satisfies Record<NonNullable<AccountBody['reason']>, string>;

const refused = (failure: unknown): boolean =>
  isPhotoAvatarsError(failure) && (failure.status === 401 || failure.status === 403);

/** Reads that need one instance of the function, which runs already, instead of one each, which would have to start. */
const oneAfterTheOther = () => {
  let last: Promise<unknown> = Promise.resolve();
  return <Value>(read: (signal: AbortSignal) => Promise<Value>) =>
    once((signal) => {
      const next = last.then(() => read(signal));
      last = next.catch(() => undefined);
      return next;
    });
};

/** The checks that need nothing but the service's own API. */
export const serviceChecks = (options: ServiceChecksOptions): Check[] => {
  const { client, putApiKey, command, now } = options;
  const inTurn = oneAfterTheOther();
  const readAccount = inTurn((signal) => client.account({ signal }));
  const account = neededFrom('caller', readAccount);
  const tryRequest = inTurn((signal) => client.dryRun(REQUEST, { signal }));
  const dryRun = neededFrom('dry-run', tryRequest);
  const inDoubt = inTurn((signal) => client.listPage({ status: 'in_doubt', pageSize: PAGE, signal }));
  const queued = inTurn(async (signal) => {
    const times: string[] = [];
    for await (const { created_at } of client.list({ status: 'queued', pageSize: PAGE, signal }))
      times.push(created_at);
    return times;
  });
  const age = (time: string): number => now() - Date.parse(time);
  const errorUnlessNew = options.allowMissingKey ? warning : error;

  return [
    {
      id: 'caller',
      async run(signal) {
        try {
          await readAccount(signal);
          return ok('May read the account.');
        } catch (failure) {
          if (!refused(failure)) throw failure;
          return error(
            'The service refused this caller.',
            'Use credentials or a token with the role of an operator.',
          );
        }
      },
    },
    {
      id: 'dry-run',
      async run(signal) {
        try {
          await tryRequest(signal);
          return ok('A request passes everything but the paid call.');
        } catch (failure) {
          if (!isPhotoAvatarsError(failure)) throw failure;
          return error(`A request is answered with: ${failure.message}`, failure.advice);
        }
      },
    },
    {
      id: 'api-key',
      async run(signal) {
        const { api_key: state } = await dryRun(signal);
        if (state === 'present') return ok('The secret holds a key.');
        if (state === 'unreadable')
          return error('The service cannot read the secret.', runbook('missing-api-key'));
        if (state === 'malformed') return error('The secret holds no usable key.', putApiKey);
        return errorUnlessNew('The secret is empty: no JoggAI key is stored yet.', putApiKey);
      },
    },
    {
      id: 'joggai',
      async run(signal) {
        const { state, reason, credits } = await account(signal);
        if (state === 'blocked' && reason !== undefined && reason !== 'insufficient_credit')
          return error(`JoggAI refuses the account: ${reason}.`, runbook(RUNBOOK_OF[reason]));
        const look = `Check the status of JoggAI, and the log of dispatch. ${runbook('backing-off')}`;
        if (!credits) return warning('JoggAI has not answered a free read yet.', `Wait a minute. ${look}`);
        const answered = `JoggAI took the key ${durationText(age(credits.at))} ago`;
        return age(credits.at) <= JOGGAI_MS ? ok(`${answered}.`) : error(`${answered}, and not since.`, look);
      },
    },
    {
      id: 'account',
      async run(signal) {
        const { state, reason, slots, calls_today, daily_call_limit, until, paused_by } =
          await account(signal);
        const next = until ? ` The next call is possible at ${until}.` : '';
        switch (state) {
          case 'open':
            return ok(
              `Paid calls are made: ${calls_today} of ${daily_call_limit} today, ${slots.in_use} of ${slots.total} slots.`,
            );
          case 'blocked':
            return error(
              `JoggAI refuses the account: ${reason}.${next}`,
              reason ? runbook(RUNBOOK_OF[reason]) : 'Check the JoggAI dashboard.',
            );
          case 'paused':
            return warning(
              `Paid calls are paused by ${paused_by ?? 'an operator'}.`,
              `To resume: ${command('resume')}`,
            );
          case 'backing_off':
            return warning(`JoggAI fails or limits the calls.${next}`, runbook('backing-off'));
          default:
            return warning(
              `The daily limit is reached: ${calls_today} paid calls.${next}`,
              runbook('daily-limit-near'),
            );
        }
      },
    },
    {
      id: 'credits',
      async run(signal) {
        const [{ credits }, low] = await Promise.all([account(signal), options.lowCredits(signal)]);
        if (!credits) return skipped('JoggAI has not reported the credits yet.');
        const left = `${credits.left} JoggAI credits are left.`;
        if (credits.left < MIN_CREDITS) return error(left, runbook('insufficient-credit'));
        return credits.left < low ? warning(left, runbook('low-credit')) : ok(left);
      },
    },
    {
      id: 'dispatch',
      async run(signal) {
        const { checked_at: at } = await account(signal);
        if (at === undefined) {
          const report = (await dryRun(signal)).api_key === 'unset' ? errorUnlessNew : error;
          return report('Dispatch has not run yet.', `Wait a minute. ${runbook('dispatch-stopped')}`);
        }
        const ran = `Dispatch ran ${durationText(age(at))} ago.`;
        return age(at) <= DISPATCH_MS ? ok(ran) : error(ran, runbook('dispatch-stopped'));
      },
    },
    {
      id: 'in-doubt',
      async run(signal) {
        await account(signal);
        const { items, nextCursor } = await inDoubt(signal);
        const [oldest] = items.slice(-1);
        if (!oldest) return ok('No request is in doubt.');
        const count = `${nextCursor ? 'More than ' : ''}${items.length}`;
        return warning(
          `${count} in doubt, possibly charged; the oldest since ${durationText(age(oldest.updated_at))}.`,
          `A person decides: ${command('list', '--status', 'in_doubt')}. ${runbook('in-doubt')}`,
        );
      },
    },
    {
      id: 'oldest-queued',
      async run(signal) {
        await account(signal);
        const times = await queued(signal);
        // Newest first, so the last one has waited longest.
        const oldest = times.at(-1);
        if (oldest === undefined) return ok('No request is queued.');
        const detail = `${times.length} queued, the oldest for ${durationText(age(oldest))}.`;
        return age(oldest) > (await options.longWaitMs(signal))
          ? warning(detail, runbook('backlog'))
          : ok(detail);
      },
    },
  ];
};
