import { useRef, useState } from 'preact/hooks';
import { Switch } from '../parts/switch.tsx';
import { TroubleBox } from '../parts/trouble-box.tsx';
import type { Control, SimulatorState } from '../service/simulator-state.ts';
import { useStore } from '../store.ts';
import { Faults } from './faults.tsx';
import { SPEEDS } from './presets.ts';

/** The switches of the simulated JoggAI: what an operator may meet, without paying for it. */
export const SimulatorPanel = () => {
  const { simulator, service, account } = useStore();
  const { value, error } = simulator.state.value;
  const [failure, setFailure] = useState<unknown>();
  const control: Control = async (method, path, body) => {
    setFailure(undefined);
    try {
      await service.control(method, path, body);
    } catch (thrown) {
      setFailure(thrown);
    }
    simulator.refresh();
    account.refresh();
  };
  return (
    <section class="simulator" aria-labelledby="simulator-title">
      <div class="panel">
        <h2 id="simulator-title">Simulator of JoggAI</h2>
        <p class="lead">
          Make the credit end, lose an answer, refuse the key: then watch the banners, the line and the
          recovery. The service checks the account every minute. Nothing here costs anything.
        </p>
        <TroubleBox error={failure ?? error} />
        {value && <Counts state={value} />}
      </div>
      {value && (
        <div class="cards">
          <Credits state={value} control={control} />
          <Access state={value} control={control} />
          <Generations state={value} control={control} />
          <Faults faults={value.faults} control={control} />
        </div>
      )}
      <p class="buttons start">
        <button type="button" onClick={() => control('POST', '/reset')}>
          Reset the simulator
        </button>
        <span class="faint">It forgets its calls, faults and photos. The ledger of the service stays.</span>
      </p>
    </section>
  );
};

interface CardProps {
  readonly state: SimulatorState;
  readonly control: Control;
}

const Counts = ({ state: { received, charges, rejected } }: Pick<CardProps, 'state'>) => (
  <dl class="counts">
    <div>
      <dd data-testid="received">{received.toLocaleString('en')}</dd>
      <dt>paid calls received</dt>
    </div>
    <div>
      <dd data-testid="charges">{charges.toLocaleString('en')}</dd>
      <dt>charged</dt>
    </div>
    <div>
      <dd>{rejected.toLocaleString('en')}</dd>
      <dt>refused, not charged</dt>
    </div>
  </dl>
);

const Credits = ({ state, control }: CardProps) => {
  const { credits } = state.settings;
  const set = (next: number) => control('PATCH', '/settings', { credits: next });
  return (
    <section class="card panel">
      <h3>Credit</h3>
      <p class="figure" data-testid="simulator-credits">
        {credits.toLocaleString('en')}
      </p>
      <p class="faint">A call costs 0.2 credits.</p>
      <div class="buttons start">
        <button type="button" onClick={() => set(0)} disabled={credits === 0}>
          Use it up
        </button>
        <button type="button" onClick={() => set(Math.round(credits * 100) / 100 + 100)}>
          Top up 100
        </button>
      </div>
    </section>
  );
};

const Access = ({ state, control }: CardProps) => {
  const { apiKeys, permission } = state.settings;
  const known = useRef(apiKeys);
  if (apiKeys.length > 0) known.current = apiKeys;
  return (
    <section class="card panel">
      <h3>Access</h3>
      <Switch
        name="Accepts the API key"
        hint="Off: code 10105, the account is blocked."
        isOn={apiKeys.length > 0}
        onChange={(isOn) =>
          control('PATCH', '/settings', {
            apiKeys: isOn ? keysToAccept(known.current) : [],
          })
        }
      />
      <Switch
        name="Permits API calls"
        hint="Off: code 18025, the account is blocked."
        isOn={permission}
        onChange={(isOn) => control('PATCH', '/settings', { permission: isOn })}
      />
    </section>
  );
};

/** The key of `npm start`, for a page that was opened while no key was accepted. */
const keysToAccept = (known: readonly string[]): readonly string[] =>
  known.length > 0 ? known : ['simulator-key'];

const Generations = ({ state, control }: CardProps) => {
  const { durationMs, outcome } = state.settings.generation;
  const set = (generation: Record<string, unknown>) => control('PATCH', '/settings', { generation });
  return (
    <section class="card panel">
      <h3>Generations</h3>
      <fieldset class="field">
        <legend>Duration</legend>
        <div class="choices">
          {SPEEDS.map((speed) => (
            <label key={speed.name} class={speed.durationMs === durationMs ? 'choice on' : 'choice'}>
              <input
                type="radio"
                name="speed"
                checked={speed.durationMs === durationMs}
                onChange={() => set({ durationMs: speed.durationMs })}
              />
              {speed.name}
            </label>
          ))}
        </div>
      </fieldset>
      <Switch
        name="New generations succeed"
        hint="Off: paid for, and no pictures."
        isOn={outcome.status === 'success'}
        onChange={(isOn) =>
          set({
            outcome: isOn
              ? { status: 'success' }
              : { status: 'error', msg: 'The generation failed in the simulator.' },
          })
        }
      />
    </section>
  );
};
