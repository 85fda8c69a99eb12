import type { RecordView } from '../../../client/index.ts';
import { useStore } from '../store.ts';
import { momentText, stepText } from '../text/durations.ts';
import { statusText } from '../text/statuses.ts';

/** What happened, step by step. */
export const Timeline = ({ record: { history } }: { readonly record: RecordView }) => {
  const { now } = useStore();
  return (
    <section>
      <h3>History</h3>
      <ol class="timeline">
        {history.map(({ status, at, note, by }, step) => {
          const before = history[step - 1];
          return (
            <li key={step} class={status}>
              <span class="dot" aria-hidden="true" />
              <p>
                <strong>{statusText(status)}</strong>
                <time dateTime={at} title={`By invocation ${by}`}>
                  {momentText(at, now.peek())}
                </time>
                {before && (
                  <span class="faint">after {stepText(Date.parse(at) - Date.parse(before.at))}</span>
                )}
              </p>
              {note && <p class="note">{note}</p>}
            </li>
          );
        })}
      </ol>
    </section>
  );
};
