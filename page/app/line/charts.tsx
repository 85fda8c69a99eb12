import { useState } from 'preact/hooks';
import type { LastHour } from '../../contract.ts';
import { useStore } from '../store.ts';
import { durationText, timeText } from '../text/durations.ts';
import { Chart } from './chart.tsx';
import { highestOf, hourText, minuteAt, scaleOf, sumsOf, totalOf } from './chart-data.ts';
import { HourTable } from './hour-table.tsx';

const OUTCOMES = ['accepted', 'queued', 'failed', 'inDoubt'] as const;

const NAMES = {
  accepted: 'Accepted',
  queued: 'Queued',
  failed: 'Failed',
  inDoubt: 'In doubt',
} as const;

/** What happened in the last hour, and how much of the rate was used. */
export const Charts = () => {
  const { lastHour, account } = useStore();
  const { value: hour, error } = lastHour.state.value;
  const slots = account.state.value.value?.slots.total;
  if (hour?.unavailable !== undefined || (error !== undefined && !hour)) {
    return (
      <p class="faint unavailable">
        The figures of the last hour are not known: {hour?.unavailable ?? String(error)}
      </p>
    );
  }
  if (!hour) return <div class="charts panel loading" aria-hidden="true" />;
  return <HourCharts hour={hour} slots={slots} />;
};

const HourCharts = ({ hour, slots }: { readonly hour: LastHour; readonly slots: number | undefined }) => {
  const [minute, setMinute] = useState<number>();
  /** The value of the minute below the pointer, or of the hour. */
  const figure = (name: keyof typeof NAMES) =>
    (minute === undefined ? totalOf(hour[name]) : (hour[name][minute] ?? 0)).toLocaleString('en');
  const wait = minute === undefined ? highestOf(hour.longestWait) : (hour.longestWait[minute] ?? 0);
  const inUse = minute === undefined ? highestOf(hour.slotsInUse) : hour.slotsInUse[minute];
  return (
    <section class="panel charts" aria-label="The last hour">
      <p class="visually-hidden">{hourText(hour, slots)}</p>
      <div class="chart-grid" onPointerLeave={() => setMinute(undefined)}>
        <figure>
          <figcaption>
            <span>
              Requests{' '}
              {minute === undefined
                ? 'in the last hour'
                : `at ${timeText(minuteAt(hour, minute)).slice(0, 5)}`}
            </span>
            <span class="legend">
              {OUTCOMES.map((name) => (
                <span key={name} class={`key ${name}`}>
                  {NAMES[name]} <b>{figure(name)}</b>
                </span>
              ))}
            </span>
          </figcaption>
          <Chart
            hour={hour}
            series={OUTCOMES}
            scale={scaleOf(Math.max(...sumsOf(hour, OUTCOMES)))}
            onMinute={setMinute}
            minute={minute}
          />
        </figure>
        <figure>
          <figcaption>
            <span>Slots in use{slots === undefined ? '' : `, of ${slots}`}</span>
            <span class="legend">
              <span class="key slotsInUse">
                {minute === undefined ? 'Highest' : 'Then'} <b>{inUse ?? '–'}</b>
              </span>
            </span>
          </figcaption>
          <Chart
            hour={hour}
            series={['slotsInUse']}
            scale={Math.max(slots ?? 0, highestOf(hour.slotsInUse), 1) * 1.15}
            limit={slots}
            onMinute={setMinute}
            minute={minute}
          />
        </figure>
        <figure>
          <figcaption>
            <span>Longest wait</span>
            <span class="legend">
              <span class="key longestWait">
                <b>{durationText(wait * 1_000)}</b>
              </span>
            </span>
          </figcaption>
          <Chart
            hour={hour}
            series={['longestWait']}
            scale={Math.max(60, highestOf(hour.longestWait)) * 1.1}
            onMinute={setMinute}
            minute={minute}
          />
        </figure>
      </div>
      <HourTable hour={hour} />
    </section>
  );
};
