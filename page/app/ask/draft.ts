import type { SessionStore } from '../service/token.ts';
import type { Values } from './fields.ts';

/** What was sent under the key. */
export interface Sent {
  /** The request as JSON. */
  readonly body: string;
  /**
   * `none`: there is no answer, so it may be paid. `repeatable`: nothing was charged, and the same key may be sent again.
   * `final`: the key has its request.
   */
  readonly answer: 'none' | 'repeatable' | 'final';
}

/** The form and its key. A reload keeps it: a lost key would mean a second charge. */
export interface Draft {
  readonly values: Values;
  /** Whether the request is recorded and submitted later, also after a block or a pause. */
  readonly mayWait: boolean;
  readonly key: string;
  readonly sent?: Sent | undefined;
}

type NewKey = () => string;

export const emptyDraft = (newKey: NewKey): Draft => ({ values: {}, mayWait: false, key: newKey() });

/** The draft with other values. After an answer, another request gets another key. */
export const changed = (draft: Draft, values: Values, body: string, newKey: NewKey): Draft => {
  const { sent } = draft;
  const isAnotherRequest = sent !== undefined && sent.answer !== 'none' && sent.body !== body;
  return isAnotherRequest ? { ...draft, values, key: newKey(), sent: undefined } : { ...draft, values };
};

/** Whether another request was sent under the key and not answered: that one may be paid. */
export const mayBePaidAlready = ({ sent }: Draft, body: string): boolean =>
  sent?.answer === 'none' && sent.body !== body;

/** Whether this very request was sent, and no answer came. */
export const isUnanswered = ({ sent }: Draft, body: string): boolean =>
  sent?.answer === 'none' && sent.body === body;

/** Whether the key has its request, so that another call needs another key. */
export const isFinal = ({ sent }: Draft): boolean => sent?.answer === 'final';

/** The draft just before the call. Another request than the unanswered one is sent under a key of its own. */
export const sending = (draft: Draft, body: string, newKey: NewKey): Draft => ({
  ...draft,
  key: mayBePaidAlready(draft, body) || isFinal(draft) ? newKey() : draft.key,
  sent: { body, answer: 'none' },
});

export const answered = (draft: Draft, answer: Sent['answer']): Draft =>
  draft.sent ? { ...draft, sent: { ...draft.sent, answer } } : draft;

/** The draft for another request with the same values. */
export const another = (draft: Draft, newKey: NewKey): Draft => ({
  ...draft,
  key: newKey(),
  sent: undefined,
});

/** Whether a template would overwrite what a person typed and did not send. */
export const isWorthKeeping = ({ values, sent }: Draft): boolean =>
  sent?.answer === 'none' ||
  (sent === undefined && Object.values(values).some((value) => value.trim() !== ''));

const STORED = 'draft';

export const readDraft = (store: SessionStore, newKey: NewKey): Draft => {
  try {
    const draft: unknown = JSON.parse(store.getItem(STORED) ?? '');
    const { key, values, mayWait } = Object(draft) as Partial<Draft>;
    if (typeof key === 'string' && typeof values === 'object' && typeof mayWait === 'boolean') {
      return draft as Draft;
    }
  } catch {
    // Nothing is stored yet, or not by this version of the page.
  }
  return emptyDraft(newKey);
};

export const writeDraft = (store: SessionStore, draft: Draft): void =>
  store.setItem(STORED, JSON.stringify(draft));
