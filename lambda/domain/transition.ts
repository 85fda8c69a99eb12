import { type AvatarRecord, instantOf, type Status, type SubmittableRecord } from './record.ts';

/** Who changes a record, and when: milliseconds since the epoch and the id of the invocation. */
export interface Change {
  readonly now: number;
  readonly by: string;
}

/** Changes kept of a long history: the first ones and the latest, so that an item stays small. */
const HISTORY_HEAD = 10;
const HISTORY_TAIL = 40;

/** What is to be done next. */
export type Todo = Pick<AvatarRecord, 'open' | 'dueAt' | 'generatingSince'>;

/** What a transition says beside the next state. */
export type Moved = Todo &
  Partial<Pick<AvatarRecord, 'attempts' | 'charged' | 'photoId' | 'error' | 'images' | 'copyRounds'>> & {
    readonly note?: string;
  };

/** The record in its next state, with a line in its history. */
export const moved = (
  record: AvatarRecord,
  at: Change,
  next: Status,
  { note, ...fields }: Moved,
): AvatarRecord => {
  // What belonged to the state that is left: whoever moves the record says anew what holds in the next one.
  const { attempt: _attempt, open: _open, dueAt: _dueAt, error: _error, ...rest } = record;
  const entry = { status: next, at: instantOf(at.now), by: at.by, ...(note === undefined ? {} : { note }) };
  return {
    ...rest,
    ...fields,
    status: next,
    version: record.version + 1,
    updatedAt: instantOf(at.now),
    history: shortened([...record.history, entry]),
  };
};

export const movedRequest = (
  record: SubmittableRecord,
  ...change: [at: Change, next: Status, fields: Moved]
): SubmittableRecord => ({ ...moved(record, ...change), request: record.request });

/** Nobody is told twice on purpose, and nobody is forgotten: whoever asked is told by dispatch. */
export const toBeAnnounced = ({ now }: Change): Todo => ({ open: 'announcing', dueAt: instantOf(now) });

/** The same state, with something else to do: no change that a history has to tell. */
export const postponed = <Kept extends AvatarRecord>(record: Kept, { now }: Change, todo: Todo): Kept => ({
  ...record,
  ...todo,
  version: record.version + 1,
  updatedAt: instantOf(now),
});

const shortened = (history: AvatarRecord['history']): AvatarRecord['history'] =>
  history.length <= HISTORY_HEAD + HISTORY_TAIL
    ? history
    : [...history.slice(0, HISTORY_HEAD), ...history.slice(-HISTORY_TAIL)];
