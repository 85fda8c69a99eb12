import { useState } from 'preact/hooks';
import type { RecordView } from '../../../client/index.ts';
import { Dialog } from '../parts/dialog.tsx';
import { TroubleBox } from '../parts/trouble-box.tsx';
import { useStore } from '../store.ts';
import { useAction } from './use-action.ts';

/** What may be done now, besides a decision: the service says it for each record. */
export const Actions = ({ record }: { readonly record: RecordView }) => {
  const { service, template, go } = useStore();
  const { client } = service;
  const { busy, error, run } = useAction(record.id);
  const [isErasing, setErasing] = useState(false);
  const { id, actions = [], request } = record;
  const may = (action: RecordView['actions'][number]) => actions.includes(action);
  return (
    <section class="actions" aria-label="Actions">
      <div class="buttons start">
        {request && (
          <button
            type="button"
            title="Fills the form with this request."
            onClick={() => {
              template.value = request;
              go({ view: 'ask', id: undefined });
            }}
          >
            Use as template
          </button>
        )}
        {may('cancel') && (
          <button
            type="button"
            disabled={busy !== undefined}
            onClick={() => run('Cancel', () => client.cancel(id))}
          >
            {busy === 'Cancel' ? 'Cancelling…' : 'Cancel the request'}
          </button>
        )}
        {may('refresh') && (
          <button
            type="button"
            disabled={busy !== undefined}
            title="Asks JoggAI again about this request. It costs nothing."
            onClick={() => run('Refresh', () => client.refresh(id))}
          >
            {busy === 'Refresh' ? 'Asking…' : 'Ask JoggAI again'}
          </button>
        )}
        {may('erase') && (
          <button
            type="button"
            class="quiet danger-text"
            disabled={busy !== undefined}
            onClick={() => setErasing(true)}
          >
            {busy === 'Erase' ? 'Erasing…' : 'Erase…'}
          </button>
        )}
      </div>
      <TroubleBox error={error} />
      {isErasing && (
        <Dialog title="Erase the request?" onClose={() => setErasing(false)}>
          <p>
            The words of the request and the copies of its pictures are deleted. They cannot be brought back.
            The id, the key and what was charged stay, so that nothing is paid twice.
          </p>
          <footer class="buttons">
            <button type="button" onClick={() => setErasing(false)}>
              Keep it
            </button>
            <button
              type="button"
              class="danger"
              onClick={() => {
                setErasing(false);
                void run('Erase', () => client.erase(id));
              }}
            >
              Erase
            </button>
          </footer>
        </Dialog>
      )}
    </section>
  );
};
