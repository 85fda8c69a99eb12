import { PauseIcon, PlayIcon } from '../parts/icons.tsx';
import type { LiveValue } from '../service/live.ts';
import { useStore } from '../store.ts';
import { timeText } from '../text/durations.ts';

/** How old the list is, and the switch that stops its reads. */
export const Freshness = <Value,>({ of }: { readonly of: LiveValue<Value> }) => {
  const { isHeld, refresh } = useStore();
  const { at, error } = of.state.value;
  const isStale = error !== undefined && at !== undefined;
  const toggle = () => {
    isHeld.value = !isHeld.value;
    if (!isHeld.value) refresh();
  };
  return (
    <p class="freshness">
      {at !== undefined && (
        <span class={isStale || isHeld.value ? 'stale' : 'faint'}>
          {isStale && 'Stale: '}as of {timeText(at)}
        </span>
      )}
      <button
        type="button"
        class="small"
        aria-pressed={isHeld.value}
        title={isHeld.value ? 'Read the line again every few seconds' : 'Stop reading the line'}
        onClick={toggle}
      >
        {isHeld.value ? <PlayIcon /> : <PauseIcon />}
        {isHeld.value ? 'Update' : 'Hold updates'}
      </button>
    </p>
  );
};
