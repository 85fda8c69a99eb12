import { useEffect, useId, useState } from 'preact/hooks';
import type { RecordView, ResolutionRequest } from '../../../client/index.ts';
import { TroubleBox } from '../parts/trouble-box.tsx';
import { useStore } from '../store.ts';
import { durationText } from '../text/durations.ts';
import { CHARGED, isToResolve } from '../text/statuses.ts';
import { useAction } from './use-action.ts';

type Action = ResolutionRequest['action'];

/** The decision about a request that may have been paid for. */
export const Resolution = ({ record }: { readonly record: RecordView }) => {
  const { service } = useStore();
  const { busy, error, run } = useAction(record.id);
  const decide = (action: Action, reason: string) =>
    run('Resolve', () => service.client.resolve(record.id, { action, version: record.version, reason }));
  return (
    <>
      {isToResolve(record) && (
        <ResolutionForm key={record.id} record={record} isBusy={busy !== undefined} onDecide={decide} />
      )}
      <TroubleBox error={error} />
    </>
  );
};

interface ResolutionFormProps {
  readonly record: RecordView;
  readonly isBusy: boolean;
  readonly onDecide: (action: Action, reason: string) => void;
}

const MAX_REASON = 500;

const ResolutionForm = ({ record, isBusy, onDecide }: ResolutionFormProps) => {
  const { now } = useStore();
  const id = useId();
  const [action, setAction] = useState<Action>('close');
  const [reason, setReason] = useState('');
  const [hasConsent, setConsent] = useState(false);
  const { actions = [], attempts, charged, updated_at, photo_id } = record;
  // Consent is about one decision: it is given anew for another one.
  useEffect(() => setConsent(false), [action, record.version]);
  const mayResubmit = actions.includes('resubmit');
  const isReady = reason.trim() !== '' && (action === 'close' || hasConsent) && actions.includes(action);
  return (
    <form
      class="resolution"
      aria-labelledby={`${id}-title`}
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) onDecide(action, reason.trim());
      }}
    >
      <h3 id={`${id}-title`}>Resolve it</h3>
      <p class="evidence">
        {attempts === 1 ? '1 paid call was started' : `${attempts} paid calls were started`}, the last change
        was {durationText(now.value - Date.parse(updated_at))} ago. {CHARGED[charged].meaning}
        {photo_id && ` JoggAI's photo is ${photo_id}.`}
      </p>
      <fieldset class="decisions">
        <legend class="visually-hidden">Decision</legend>
        <label class={action === 'close' ? 'decision on' : 'decision'}>
          <input
            type="radio"
            name={`${id}-action`}
            checked={action === 'close'}
            onChange={() => setAction('close')}
          />
          <span>
            <strong>Close it</strong>
            <small>It ends as it is. Nothing more is sent or charged.</small>
          </span>
        </label>
        {mayResubmit && (
          <label class={action === 'resubmit' ? 'decision on risky' : 'decision'}>
            <input
              type="radio"
              name={`${id}-action`}
              checked={action === 'resubmit'}
              onChange={() => setAction('resubmit')}
            />
            <span>
              <strong>Submit it again</strong>
              <small>It may be charged a second time.</small>
            </span>
          </label>
        )}
      </fieldset>
      <label class="field">
        <span>Reason, recorded with your name</span>
        <textarea
          name="reason"
          rows={2}
          required
          maxLength={MAX_REASON}
          value={reason}
          onInput={({ currentTarget }) => setReason(currentTarget.value)}
        />
      </label>
      {action === 'resubmit' && (
        <label class="check consent">
          <input
            type="checkbox"
            checked={hasConsent}
            onChange={({ currentTarget }) => setConsent(currentTarget.checked)}
          />
          <span>I looked for the charge in the JoggAI dashboard. A second charge is acceptable.</span>
        </label>
      )}
      <div class="buttons start">
        <button
          type="submit"
          class={action === 'resubmit' ? 'danger' : 'primary'}
          disabled={!isReady || isBusy}
        >
          {isBusy ? 'Resolving…' : action === 'resubmit' ? 'Submit it again' : 'Close the request'}
        </button>
        {!isReady && (
          <span class="faint" role="status">
            {reason.trim() === '' ? 'A reason is required.' : 'The box above is required.'}
          </span>
        )}
      </div>
    </form>
  );
};
