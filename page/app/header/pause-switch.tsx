import { useState } from 'preact/hooks';
import { isSimulated } from '../../../lambda/shared/is-simulated.ts';
import { Dialog } from '../parts/dialog.tsx';
import { PauseIcon, PlayIcon } from '../parts/icons.tsx';
import { TroubleBox } from '../parts/trouble-box.tsx';
import { useStore } from '../store.ts';

/** Pauses and resumes all paid calls. Where they cost money, a pause is confirmed. */
export const PauseSwitch = () => {
  const { account, service, refresh } = useStore();
  const [isAsking, setAsking] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const { value } = account.state.value;
  if (!value) return null;
  const isPaused = value.state === 'paused';

  const change = async () => {
    setAsking(false);
    setBusy(true);
    setError(undefined);
    try {
      account.set(await (isPaused ? service.client.resume() : service.client.pause()));
      refresh();
    } catch (failure) {
      setError(failure);
    }
    setBusy(false);
  };

  return (
    <>
      <button
        type="button"
        class={isPaused ? 'pause primary' : 'pause'}
        disabled={isBusy}
        aria-label={isPaused ? 'Resume paid calls' : 'Pause paid calls'}
        title={isPaused ? 'Allow paid calls again' : 'Stop all paid calls'}
        onClick={() => (isPaused || isSimulated(value) ? void change() : setAsking(true))}
      >
        {isPaused ? <PlayIcon /> : <PauseIcon />}
        <span class="pause-text">{isPaused ? 'Resume' : 'Pause'}</span>
      </button>
      {isAsking && (
        <Dialog title="Pause all paid calls?" onClose={() => setAsking(false)}>
          <p>
            No request of any caller is sent to JoggAI until somebody resumes. New requests of events and
            queues wait in the line. People and programs that call without waiting are refused.
          </p>
          <footer class="buttons">
            <button type="button" onClick={() => setAsking(false)}>
              Do not pause
            </button>
            <button type="button" class="danger" onClick={change}>
              Pause
            </button>
          </footer>
        </Dialog>
      )}
      {error !== undefined && (
        <Dialog title="Nothing was changed" onClose={() => setError(undefined)}>
          <TroubleBox error={error} />
        </Dialog>
      )}
    </>
  );
};
