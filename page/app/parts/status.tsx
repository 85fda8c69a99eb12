import type { RecordView } from '../../../client/index.ts';
import { CHARGED, STATUSES, statusText } from '../text/statuses.ts';

/** A status as word and colour. */
export const StatusMark = ({ status }: Pick<RecordView, 'status'>) => (
  <span class={`status ${status}`} title={STATUSES[status]?.meaning}>
    <span class="dot" aria-hidden="true" />
    {statusText(status)}
  </span>
);

/** What was charged, as word and colour. */
export const ChargedMark = ({ charged }: Pick<RecordView, 'charged'>) => (
  <span class={`charged ${charged}`} title={CHARGED[charged].meaning}>
    {CHARGED[charged].name}
  </span>
);
