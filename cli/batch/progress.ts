import { durationText } from '../durations.ts';

const ORDER = [
  'queued',
  'submitting',
  'generating',
  'succeeded',
  'failed',
  'rejected',
  'cancelled',
  'in_doubt',
];

/** Numbers of requests by status, in the order of a request's life. */
export const countsOf = (states: readonly { readonly status: string }[]): Map<string, number> => {
  const counts = new Map<string, number>();
  const rank = ({ status }: { readonly status: string }) => ORDER.indexOf(status);
  for (const { status } of states.toSorted((one, other) => rank(one) - rank(other))) {
    counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  return counts;
};

/** `340 of 1000 accepted · queued 300 · generating 20 · succeeded 20` */
export const progressText = (total: number, accepted: readonly { readonly status: string }[]): string =>
  [
    `${accepted.length} of ${total} accepted`,
    ...[...countsOf(accepted)].map(([status, count]) => `${status.replace('_', ' ')} ${count}`),
  ].join(' · ');

/** How long the service takes to submit so many requests. */
export const minutesLeft = (waiting: number, callsPerMinute: number): string =>
  durationText((waiting / Math.max(1, callsPerMinute)) * 60_000);

/** Whether a count passed another tenth: without a terminal, a line for each request would flood a log. */
export const createTenths = (total: number) => {
  let shown = -1;
  return (count: number): boolean => {
    const tenth = Math.floor((10 * count) / Math.max(1, total));
    if (tenth === shown) return false;
    shown = tenth;
    return true;
  };
};
