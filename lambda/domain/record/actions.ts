import { isGenerating, isRefreshable } from '../generation/generation-rules.ts';
import { isResolvable } from '../submission/resolve.ts';
import { isErasable } from './erase.ts';
import { type AvatarRecord, isQueued } from './record.ts';

/** What a person may do with a record. `resubmit` and `close` are the two decisions of a resolution. */
export const RECORD_ACTIONS = ['cancel', 'resubmit', 'close', 'refresh', 'erase'] as const;
export type RecordAction = (typeof RECORD_ACTIONS)[number];

/** The conditions by which each action is accepted or refused, so that what is offered and what is accepted agree. */
const IS_ALLOWED: Record<RecordAction, (record: AvatarRecord) => boolean> = {
  cancel: isQueued,
  resubmit: (record) => isResolvable(record, 'resubmit'),
  close: (record) => isResolvable(record, 'close'),
  refresh: (record) => isGenerating(record) || isRefreshable(record),
  erase: isErasable,
};

/**
 * What may be done with the record now. A repeated cancellation or erasure is accepted, too, but changes nothing, so it
 * is not listed.
 */
export const actionsOf = (record: AvatarRecord): RecordAction[] =>
  RECORD_ACTIONS.filter((action) => IS_ALLOWED[action](record));
