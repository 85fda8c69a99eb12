import { useId, useState } from 'preact/hooks';
import type { Control, SimulatorFault } from '../service/simulator-state.ts';
import { faultText, PRESETS } from './presets.ts';

interface FaultsProps {
  readonly faults: readonly SimulatorFault[];
  readonly control: Control;
}

/** What the next paid calls answer. */
export const Faults = ({ faults, control }: FaultsProps) => {
  const id = useId();
  const [chosen, setChosen] = useState(0);
  const [times, setTimes] = useState(1);
  const preset = PRESETS[chosen];
  return (
    <section class="card panel wide">
      <h3>Next calls</h3>
      <form
        class="fault-form"
        onSubmit={(event) => {
          event.preventDefault();
          void control('POST', '/faults', { ...preset?.fault, times });
        }}
      >
        <label for={`${id}-times`}>For the next</label>
        <input
          id={`${id}-times`}
          type="number"
          min="1"
          max="1000"
          value={times}
          onInput={({ currentTarget }) => setTimes(Math.max(1, Math.trunc(currentTarget.valueAsNumber) || 1))}
        />
        <label for={`${id}-fault`}>{times === 1 ? 'call' : 'calls'}:</label>
        <select
          id={`${id}-fault`}
          value={chosen}
          onChange={({ currentTarget }) => setChosen(Number(currentTarget.value))}
        >
          {PRESETS.map(({ name }, at) => (
            <option key={name} value={at}>
              {name}
            </option>
          ))}
        </select>
        <button type="submit">Add</button>
      </form>
      <p class="faint">{preset?.effect}</p>
      {faults.length > 0 && (
        <>
          <ul class="active-faults">
            {faults.map((fault, at) => (
              <li key={at}>{faultText(fault)}</li>
            ))}
          </ul>
          <button type="button" class="small" onClick={() => control('DELETE', '/faults')}>
            Remove them
          </button>
        </>
      )}
    </section>
  );
};
