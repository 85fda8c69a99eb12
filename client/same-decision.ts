import type { ResolutionRequest } from '../lambda/http/resolution-request.ts';
import type { RecordView } from '../lambda/views/schemas.ts';

/**
 * Whether the first change after the version of a decision is that decision. The record names who decided, but a caller
 * does not know its own name at the service; so a colleague's decision with the same words counts, too.
 */
export const isSameDecision = (
  record: RecordView | undefined,
  { action, version, reason }: ResolutionRequest,
) => {
  const { note } = record?.history.find((change) => (change.version ?? 0) > version) ?? {};
  const said = `: ${reason.trim()}`;
  return (
    note?.startsWith(`${action} by `) === true &&
    (note.endsWith(said) || note.includes(`${said} (charged before: `))
  );
};
