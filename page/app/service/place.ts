import { STATUS_NAMES, type Status } from '../text/statuses.ts';

export const VIEWS = ['line', 'ask', 'resolve', 'simulator'] as const;
export type View = (typeof VIEWS)[number];

/** Where the person is: it is in the fragment of the address, so that a reload or a link leads there again. */
export interface Place {
  readonly view: View;
  readonly status?: Status | undefined;
  readonly caller?: string | undefined;
  /** The page of the list. */
  readonly cursor?: string | undefined;
  /** The open record. */
  readonly id?: string | undefined;
}

const NAMES = ['status', 'caller', 'cursor', 'id'] as const;

/** Reads the fragment of the address. What it does not know, it drops. */
export const placeOf = (hash: string): Place => {
  const read = new URLSearchParams(hash.replace(/^#/, ''));
  const text = (name: string) => read.get(name) || undefined;
  return {
    view: VIEWS.find((view) => view === read.get('view')) ?? 'line',
    status: STATUS_NAMES.find((status) => status === read.get('status')),
    caller: text('caller'),
    cursor: text('cursor'),
    id: text('id'),
  };
};

/** The fragment of a place. */
export const hashOf = (place: Place): string => {
  const written = new URLSearchParams();
  if (place.view !== 'line') written.set('view', place.view);
  for (const name of NAMES) {
    const value = place[name];
    if (value !== undefined && value !== '') written.set(name, value);
  }
  return `#${written}`;
};

/** The place after a change. Another filter starts at the first page. */
export const movedTo = (place: Place, change: Partial<Place>): Place => ({
  ...place,
  ...('status' in change || 'caller' in change || 'view' in change ? { cursor: undefined } : {}),
  ...change,
});
