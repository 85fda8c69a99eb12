import { isPhotoAvatarsError } from '../../../client/index.ts';

/** A failure for people. */
export interface Trouble {
  readonly title: string;
  readonly text: string;
  readonly requestId?: string | undefined;
}

/** Reads what was thrown. A problem of the API has its title in front. */
export const troubleOf = (error: unknown): Trouble => {
  if (!isPhotoAvatarsError(error)) {
    return { title: 'Failed', text: error instanceof Error ? error.message : String(error) };
  }
  const { message, requestId, status, type } = error;
  if (status === 403 && type === undefined) {
    return { title: 'Not allowed', text: `Your role may not do this. ${message}`, requestId };
  }
  const [, title, text] = /^([^:.]{3,60}): (.*)$/s.exec(message) ?? [];
  if (type !== undefined && title !== undefined && text !== undefined) return { title, text, requestId };
  return { title: status === undefined ? 'No answer' : `HTTP ${status}`, text: message, requestId };
};
