import type { RecordView } from '../../../client/index.ts';

export type Status = RecordView['status'];

/** The statuses in the order of a request's life, with their names and what they mean. */
export const STATUSES: Readonly<Record<Status, { readonly name: string; readonly meaning: string }>> = {
  queued: { name: 'Queued', meaning: 'It waits to be submitted. It is not charged yet.' },
  submitting: { name: 'Submitting', meaning: 'JoggAI is being called.' },
  generating: { name: 'Generating', meaning: 'It is paid for. JoggAI is making the pictures.' },
  succeeded: { name: 'Succeeded', meaning: 'The pictures are here.' },
  failed: { name: 'Failed', meaning: 'It ended without pictures.' },
  rejected: { name: 'Rejected', meaning: 'It was not accepted. It may be sent again under the same key.' },
  in_doubt: {
    name: 'In doubt',
    meaning: 'It may have been charged. It is not sent again until a person decides.',
  },
  cancelled: { name: 'Cancelled', meaning: 'It was taken back while it was queued. It was not charged.' },
};

export const STATUS_NAMES = Object.keys(STATUSES) as readonly Status[];

/** The name of a status, also of one that this page does not know. */
export const statusText = (status: string): string => STATUSES[status as Status]?.name ?? status;

export const CHARGED: Readonly<
  Record<RecordView['charged'], { readonly name: string; readonly meaning: string }>
> = {
  no: { name: 'Not charged', meaning: 'JoggAI charged nothing.' },
  yes: { name: 'Paid', meaning: 'JoggAI charged one call.' },
  unknown: {
    name: 'Maybe charged',
    meaning: 'JoggAI may have charged. Look for it in the JoggAI dashboard.',
  },
};

/** The request in a few words: its choices. */
export const summaryOf = ({ request, erasure, invalid }: RecordView): string => {
  if (request) {
    const { age, gender, avatar_style, ethnicity } = request;
    return [age, ethnicity, gender, avatar_style].filter(Boolean).join(' · ');
  }
  if (erasure) return 'Erased request';
  return invalid ? 'Invalid request' : 'Request';
};

/** What its words say, or what went wrong. */
export const detailOf = ({ request, error, invalid, status }: RecordView): string => {
  if (error && status !== 'succeeded' && status !== 'generating') return error.message;
  const words = [request?.appearance, request?.background].filter(Boolean).join(' — ');
  return words || invalid?.errors.map(({ field, message }) => `${field} ${message}`).join(', ') || '';
};

/** A caller in short: of an ARN, the user, or the role and its session. */
export const callerText = (caller: string): string =>
  caller.startsWith('arn:')
    ? caller
        .slice(caller.lastIndexOf(':') + 1)
        .split('/')
        .slice(-2)
        .join('/')
    : caller;

/** Whether a person has yet to decide about it. */
export const isToResolve = ({ actions = [] }: Pick<RecordView, 'actions'>): boolean =>
  actions.includes('resubmit') || actions.includes('close');
