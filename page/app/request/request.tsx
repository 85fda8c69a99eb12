import { useEffect, useRef } from 'preact/hooks';
import type { RecordView } from '../../../client/index.ts';
import { isProblem } from '../../../client/index.ts';
import { Age } from '../parts/age.tsx';
import { BackIcon, CloseIcon } from '../parts/icons.tsx';
import { ChargedMark, StatusMark } from '../parts/status.tsx';
import { TroubleBox } from '../parts/trouble-box.tsx';
import { useStore } from '../store.ts';
import { STATUSES, summaryOf } from '../text/statuses.ts';
import { turnOf } from '../text/turn.ts';
import { Actions } from './actions.tsx';
import { CopyButtons } from './copy-buttons.tsx';
import { Facts } from './facts.tsx';
import { Pictures } from './pictures.tsx';
import { Resolution } from './resolution.tsx';
import { Timeline } from './timeline.tsx';

/** One request: its pictures, what happened, and what may be done now. */
export const Request = () => {
  const { record, place, go } = useStore();
  const { value, error } = record.state.value;
  const { id } = place.value;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
  }, [id]);
  useEffect(() => {
    const close = (event: KeyboardEvent) => {
      // A dialog closes first, and Esc in a field is the field's.
      const isElsewhere = document.querySelector('dialog[open]') !== null || event.defaultPrevented;
      if (event.key === 'Escape' && !isElsewhere) closeRequest(go, id);
    };
    document.addEventListener('keydown', close);
    return () => document.removeEventListener('keydown', close);
  }, [id]);
  const shown = value?.id === id ? value : undefined;
  return (
    <section class="request panel" aria-labelledby="request-title" data-testid="request">
      <header class="request-head">
        <button
          type="button"
          class="quiet square back"
          aria-label="Back to the list"
          onClick={() => closeRequest(go, id)}
        >
          <BackIcon />
        </button>
        <h2 id="request-title" ref={heading} tabIndex={-1}>
          {shown ? summaryOf(shown) : 'Request'}
        </h2>
        <button
          type="button"
          class="quiet square close"
          aria-label="Hide the details"
          onClick={() => closeRequest(go, id)}
        >
          <CloseIcon />
        </button>
      </header>
      {error !== undefined &&
        (isProblem(error, 'not-found') ? (
          <p class="empty">No request has this id.</p>
        ) : (
          <TroubleBox error={error} />
        ))}
      {shown ? <RequestBody record={shown} /> : error === undefined && <p class="empty">Reading it…</p>}
    </section>
  );
};

/** Closes the request, and returns to its row. */
const closeRequest = (go: (change: { id: undefined }) => void, id: string | undefined): void => {
  go({ id: undefined });
  requestAnimationFrame(() =>
    document.querySelector<HTMLElement>(`.row-link[data-id="${CSS.escape(id ?? '')}"]`)?.focus(),
  );
};

const RequestBody = ({ record }: { readonly record: RecordView }) => {
  const { account, now } = useStore();
  const turn = turnOf(record, account.state.value.value, now.value);
  const { status, charged, created_at, error } = record;
  return (
    <div class="request-body">
      <p class="request-marks">
        <StatusMark status={status} />
        <ChargedMark charged={charged} />
        <span class="faint">
          asked <Age at={created_at} /> ago
        </span>
      </p>
      <p class="meaning">
        {STATUSES[status]?.meaning}
        {turn && (
          <span data-testid="turn">
            {' '}
            {turn.place} {turn.time}
          </span>
        )}
      </p>
      <Pictures record={record} />
      {error && <Failure error={error} />}
      <Resolution record={record} />
      <Actions record={record} />
      <div class="request-columns">
        <Facts record={record} />
        <div>
          <Timeline record={record} />
          <CopyButtons record={record} />
        </div>
      </div>
    </div>
  );
};

/** What went wrong, with JoggAI's own words. */
const Failure = ({ error }: { readonly error: NonNullable<RecordView['error']> }) => (
  <div class="box">
    <div>
      <p>{error.message}</p>
      <p class="faint">{error.advice}</p>
      {error.joggai_code !== undefined && (
        <p class="faint">
          JoggAI said: <q>{error.joggai_message}</q> (code {error.joggai_code})
        </p>
      )}
    </div>
  </div>
);
