import type { LastHour } from '../../contract.ts';
import { durationText, timeText } from '../text/durations.ts';
import { minuteAt } from './chart-data.ts';

/** The figures of the chart as a table, the latest minute first, without the minutes in which nothing happened. */
export const HourTable = ({ hour }: { readonly hour: LastHour }) => {
  const minutes = hour.calls
    .map((calls, minute) => ({
      at: minuteAt(hour, minute),
      figures: [
        hour.accepted[minute],
        hour.queued[minute],
        hour.failed[minute],
        hour.inDoubt[minute],
        calls,
        hour.slotsInUse[minute],
      ],
      wait: hour.longestWait[minute],
    }))
    .filter(({ figures, wait }) => figures.some(Boolean) || (wait ?? 0) > 0)
    .toReversed();
  return (
    <details class="hour-table">
      <summary>As a table</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take the focus */}
      <section class="scroll" tabIndex={0} aria-label="The last hour as a table">
        <table>
          <thead>
            <tr>
              {[
                'Minute',
                'Accepted',
                'Queued',
                'Failed',
                'In doubt',
                'Paid calls',
                'Slots in use',
                'Longest wait',
              ].map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {minutes.map(({ at, figures, wait }) => (
              <tr key={at}>
                <th scope="row">{timeText(at).slice(0, 5)}</th>
                {figures.map((figure, column) => (
                  <td key={column}>{figure ?? '–'}</td>
                ))}
                <td>{wait === null || wait === undefined ? '–' : durationText(wait * 1_000)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <p class="faint">
          A function reports when its run ends. A run of dispatch takes up to a minute, so its calls may be
          counted in the next one.
        </p>
        {minutes.length === 0 && <p class="faint">Nothing happened in the last hour.</p>}
      </section>
    </details>
  );
};
