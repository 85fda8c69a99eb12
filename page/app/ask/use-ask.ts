import { useEffect, useRef, useState } from 'preact/hooks';
import {
  type DryRun,
  isPhotoAvatarsError,
  newIdempotencyKey,
  type PhotoAvatarRequest,
  type RecordView,
  type Submitted,
} from '../../../client/index.ts';
import { useStore } from '../store.ts';
import {
  another,
  answered,
  changed,
  type Draft,
  emptyDraft,
  isFinal,
  readDraft,
  type Sent,
  sending,
  writeDraft,
} from './draft.ts';
import { type FormField, requestOf, type Values } from './fields.ts';

/** What the last call answered. */
export interface AskAnswer {
  readonly submitted?: Submitted;
  readonly dryRun?: DryRun;
  readonly error?: unknown;
}

const isRepeatable = ({ status, charged }: RecordView): boolean => status === 'rejected' && charged === 'no';

/** What an error says about the key: nothing as long as the call may have been charged, and no record shows it. */
const answerOf = (error: unknown): Sent['answer'] => {
  if (!isPhotoAvatarsError(error)) return 'none';
  if (error.record) return isRepeatable(error.record) ? 'repeatable' : 'final';
  return error.charged === 'no' ? 'repeatable' : 'none';
};

/** The draft, and what can be done with it. */
export const useAsk = (fields: readonly FormField[]) => {
  const { service, show, refresh, announcement } = useStore();
  const [draft, setDraft] = useState<Draft>(() => readDraft(sessionStorage, newIdempotencyKey));
  const [busy, setBusy] = useState<'submit' | 'check'>();
  const [result, setResult] = useState<AskAnswer>();
  const body = JSON.stringify(requestOf(fields, draft.values));
  const latest = useRef(draft);

  const save = (next: Draft): void => {
    latest.current = next;
    setDraft(next);
    writeDraft(sessionStorage, next);
  };
  // The key is kept from the start: a reload must not make another one.
  useEffect(() => writeDraft(sessionStorage, draft), []);

  const run = async (kind: 'submit' | 'check', call: () => Promise<AskAnswer>): Promise<void> => {
    if (busy !== undefined) return;
    setBusy(kind);
    setResult(undefined);
    try {
      setResult(await call());
    } catch (error) {
      setResult({ error });
    }
    setBusy(undefined);
  };

  return {
    draft,
    body,
    busy,
    result,
    change(values: Values) {
      save(changed(draft, values, JSON.stringify(requestOf(fields, values)), newIdempotencyKey));
      if (isFinal(draft)) setResult(undefined);
    },
    setMayWait: (mayWait: boolean) => save({ ...draft, mayWait }),
    anotherOne() {
      save(another(draft, newIdempotencyKey));
      setResult(undefined);
    },
    /** Puts the request that got no answer back into the form. */
    restore: () => save({ ...draft, values: JSON.parse(draft.sent?.body ?? '{}') }),
    replace(values: Values) {
      save({ ...emptyDraft(newIdempotencyKey), mayWait: draft.mayWait, values });
      setResult(undefined);
    },
    submit: () =>
      run('submit', async () => {
        const sent = sending(draft, body, newIdempotencyKey);
        save(sent);
        const request = JSON.parse(body) as PhotoAvatarRequest;
        try {
          const submitted = await service.client.submit(request, {
            idempotencyKey: sent.key,
            respondAsync: sent.mayWait,
          });
          save(answered(latest.current, isRepeatable(submitted.record) ? 'repeatable' : 'final'));
          show(submitted.record);
          announcement.value = 'The request was answered.';
          return { submitted };
        } catch (error) {
          save(answered(latest.current, answerOf(error)));
          refresh();
          throw error;
        }
      }),
    check: () => run('check', async () => ({ dryRun: await service.client.dryRun(JSON.parse(body)) })),
  };
};
