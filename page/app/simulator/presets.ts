/** What the next paid calls answer, in the words of people, and as the simulator takes it. */
export interface Preset {
  readonly name: string;
  /** What the service makes of it. */
  readonly effect: string;
  readonly fault: Readonly<Record<string, unknown>>;
}

export const PRESETS: readonly Preset[] = [
  {
    name: 'Connection lost after the charge',
    effect: 'The request is in doubt, and charged.',
    fault: { kind: 'reset', when: 'after_charging' },
  },
  {
    name: 'Connection lost before the charge',
    effect: 'The request is in doubt, and not charged.',
    fault: { kind: 'reset' },
  },
  {
    name: 'No answer at all after the charge',
    effect: 'The request is in doubt after the time limit, and charged.',
    fault: { kind: 'hang', when: 'after_charging' },
  },
  {
    name: 'No credit (code 18020)',
    effect: 'The account is blocked.',
    fault: { kind: 'code', code: 18020, msg: 'Insufficient credit' },
  },
  {
    name: 'No permission (code 18025)',
    effect: 'The account is blocked.',
    fault: { kind: 'code', code: 18025, msg: 'No permission to call APIs' },
  },
  {
    name: 'Rate limit (code 429)',
    effect: 'The request is queued, and the service backs off.',
    fault: { kind: 'code', code: 429, msg: 'Too many requests' },
  },
  {
    name: 'Parameters refused (code 40000)',
    effect: 'The request is rejected, and not charged.',
    fault: { kind: 'code', code: 40000, msg: 'Parameter error' },
  },
  {
    name: 'System error (code 50000)',
    effect: 'The request fails, and may be charged.',
    fault: { kind: 'code', code: 50000, msg: 'System error' },
  },
  {
    name: 'Garbage instead of JSON',
    effect: 'The request is in doubt, and charged.',
    fault: { kind: 'garbage', when: 'after_charging' },
  },
  {
    name: 'HTTP 503 of a proxy',
    effect: 'The request is in doubt: the proxy may have passed it on.',
    fault: { kind: 'http_error', status: 503 },
  },
  {
    name: 'Slow answer (5 seconds)',
    effect: 'The request succeeds later.',
    fault: { kind: 'delay', milliseconds: 5_000 },
  },
];

/** An active fault in words. */
export const faultText = ({
  kind,
  when,
  times,
  code,
  status,
}: {
  readonly kind: string;
  readonly when: string;
  readonly times: number | 'until_cleared';
  readonly code?: number;
  readonly status?: number;
}): string => {
  const preset = PRESETS.find(
    ({ fault }) =>
      fault.kind === kind &&
      (fault.when ?? 'before_charging') === when &&
      fault.code === code &&
      (fault.status === undefined || fault.status === status),
  );
  const calls =
    times === 'until_cleared' ? 'all calls' : times === 1 ? 'the next call' : `the next ${times} calls`;
  return `${preset?.name ?? kind}: ${calls}`;
};

/** How long the simulator's generations take. */
export const SPEEDS: readonly { readonly name: string; readonly durationMs: number }[] = [
  { name: '1 s', durationMs: 1_000 },
  { name: '10 s', durationMs: 10_000 },
  { name: '2 min', durationMs: 120_000 },
];
