/** What a check found. */
export interface Finding {
  readonly status: 'ok' | 'warning' | 'error' | 'skipped';
  readonly detail: string;
  /** What to do about it. */
  readonly fix?: string | undefined;
}

export interface Check {
  /** Stable: programs read it. */
  readonly id: string;
  /** The IAM actions that it needs, besides the routes of the HTTP API. */
  readonly actions?: readonly string[];
  /** Reads only, and costs nothing. */
  run(signal: AbortSignal): Promise<Finding>;
}

export type CheckResult = Finding & Pick<Check, 'id'>;

export const ok = (detail: string): Finding => ({ status: 'ok', detail });
export const warning = (detail: string, fix: string): Finding => ({ status: 'warning', detail, fix });
export const error = (detail: string, fix: string): Finding => ({ status: 'error', detail, fix });
export const skipped = (detail: string, fix?: string): Finding => ({ status: 'skipped', detail, fix });

/** What to do, in the operations guide. */
export const runbook = (section: string): string => `See docs/operations.md#${section}.`;

const PERMISSION = /AccessDenied|NotAuthorized|AuthorizationError|UnauthorizedOperation/;

/** Whether an error of this name says that the caller lacks a permission. */
export const isPermission = (name: string): boolean => PERMISSION.test(name);

/** What a check needs was not found by another one, which reports why. */
class NeedsCheck extends Error {
  override readonly name = 'NeedsCheck';
}

/** For the checks that need what another one reads: they are skipped if it fails. */
export const neededFrom =
  <Value>(id: string, read: (signal: AbortSignal) => Promise<Value>) =>
  (signal: AbortSignal): Promise<Value> =>
    read(signal).catch((cause: unknown) => {
      throw new NeedsCheck(`Needs the check ${id}.`, { cause });
    });

/** A check that failed itself. Missing permissions only hide what it would find. */
const failed = (failure: unknown, { actions = [] }: Check): Finding => {
  const { name, message } = failure instanceof Error ? failure : new Error(String(failure));
  if (name === 'NeedsCheck') return skipped(message);
  if (isPermission(name)) {
    return skipped('This caller may not read it.', `Allow the caller ${actions.join(' and ')}.`);
  }
  return error(
    `It could not be read: ${message}`,
    'Check the network and the credentials, and run it again.',
  );
};

const runOne = async (check: Check, limit: AbortSignal, limitMs: number): Promise<Finding> => {
  const ended = new Promise<Finding>((resolve) => {
    const end = () =>
      resolve(error(`No answer within ${limitMs / 1_000} s.`, 'Check the network, and run it again.'));
    if (limit.aborted) end();
    else limit.addEventListener('abort', end, { once: true });
  });
  return Promise.race([check.run(limit).catch((failure: unknown) => failed(failure, check)), ended]);
};

/**
 * Runs all checks at the same time.
 *
 * @param limit ends those that have not ended
 * @param limitMs when it does so, in milliseconds, for the message
 * @returns one result for each check, in their order
 */
export const runChecks = (
  checks: readonly Check[],
  limit: AbortSignal,
  limitMs: number,
): Promise<CheckResult[]> =>
  Promise.all(
    checks.map(async (check) => {
      const { status, detail, fix } = await runOne(check, limit, limitMs);
      return {
        id: check.id,
        status,
        detail: redacted(detail),
        ...(fix !== undefined && { fix: redacted(fix) }),
      };
    }),
  );

/** A text that may be shown to others: without account ids, access key ids and e-mail addresses. */
export const redacted = (text: string): string =>
  text
    .replace(/(?<![\w-])\d{12}(?![\w-])/g, '<account>')
    .replace(/\b(AKIA|ASIA)[A-Z0-9]{12,}/g, '<access key>')
    .replace(/[^\s@<>"']+@[\w-]+(\.[\w-]+)+/g, '<e-mail address>');

/**
 * Runs a read once for all that need it. The first caller's signal ends it, and all checks have the same one. A read
 * that failed is tried again.
 */
export const once = <Value>(
  read: (signal: AbortSignal) => Promise<Value>,
): ((signal: AbortSignal) => Promise<Value>) => {
  let reading: Promise<Value> | undefined;
  return (signal) => {
    reading ??= read(signal).catch((failure: unknown) => {
      reading = undefined;
      throw failure;
    });
    return reading;
  };
};
