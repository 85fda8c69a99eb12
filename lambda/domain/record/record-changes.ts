import { type AvatarRecord, instantOf, type Status, type SubmittableRecord } from './record.ts';

/** Who changes a record, and when: milliseconds since the epoch and the id of the invocation. */
export interface Change {
  readonly now: number;
  readonly by: string;
}

/** A long history keeps its first and latest entries, so that the item stays small. */
const HISTORY_HEAD = 10;
const HISTORY_TAIL = 40;

/** The work left to do on a record, and when. */
export type NextStep = Pick<AvatarRecord, 'open' | 'dueAt' | 'queuedAt' | 'generatingSince'>;

/** What a change of status may set. */
export type StatusFields = NextStep &
  Partial<
    Pick<
      AvatarRecord,
      'attempts' | 'charged' | 'photoId' | 'error' | 'images' | 'copyRounds' | 'httpRejections'
    >
  > & {
    readonly note?: string;
  };

/** The record in its next status, with an entry in its history. */
export const changeStatus = (
  record: AvatarRecord,
  at: Change,
  next: Status,
  { note, ...fields }: StatusFields,
): AvatarRecord => {
  // These fields describe the previous status. The caller sets those of the next one.
  const { attempt: _attempt, open: _open, dueAt: _dueAt, error: _error, ...rest } = record;
  const version = record.version + 1;
  const entry = {
    status: next,
    at: instantOf(at.now),
    by: at.by,
    version,
    ...(note === undefined ? {} : { note }),
  };
  return {
    ...rest,
    ...fields,
    status: next,
    version,
    updatedAt: instantOf(at.now),
    history: shortened([...record.history, entry]),
  };
};

export const changeRequestStatus = (
  record: SubmittableRecord,
  ...change: [at: Change, next: Status, fields: StatusFields]
): SubmittableRecord => ({ ...changeStatus(record, ...change), request: record.request });

/** Queued at the end of the line. */
export const toBeSubmitted = ({ now }: Change): NextStep => ({
  open: 'queued',
  dueAt: instantOf(now),
  queuedAt: instantOf(now),
});

/** Published at least once, by dispatch. */
export const toBePublished = ({ now }: Change): NextStep => ({ open: 'announcing', dueAt: instantOf(now) });

/** The same status with another next step: not an entry of the history. */
export const postponed = <Kept extends AvatarRecord>(
  record: Kept,
  { now }: Change,
  todo: NextStep,
): Kept => ({
  ...record,
  ...todo,
  version: record.version + 1,
  updatedAt: instantOf(now),
});

/** The record without work left to do. */
export const withoutWork = (record: AvatarRecord, at: Change): AvatarRecord => {
  const { open: _open, dueAt: _dueAt, ...rest } = record;
  return postponed(rest, at, {});
};

const shortened = (history: AvatarRecord['history']): AvatarRecord['history'] =>
  history.length <= HISTORY_HEAD + HISTORY_TAIL
    ? history
    : [...history.slice(0, HISTORY_HEAD), ...history.slice(-HISTORY_TAIL)];
