import { TroubleBox } from '../parts/trouble-box.tsx';
import { useStore } from '../store.ts';
import { Freshness } from './freshness.tsx';
import { Rows } from './rows.tsx';

/** The requests that a person has yet to decide about. */
export const ToResolve = () => {
  const { unresolved } = useStore();
  const { value, error } = unresolved.state.value;
  return (
    <section class="line" aria-labelledby="resolve-title">
      <div class="panel list-panel">
        <div class="list-head">
          <h2 id="resolve-title">To resolve</h2>
          <Freshness of={unresolved} />
        </div>
        <p class="lead">
          JoggAI may have charged for these, and there are no pictures. The service does not send them again.
          Look for the charge in the JoggAI dashboard, then decide: close the request, or submit it again.
        </p>
        <TroubleBox error={error} />
        {value && <Rows items={value.items} label="Requests to resolve, the oldest first" />}
        {value?.items.length === 0 && <p class="empty">Nothing to resolve.</p>}
        {value?.isPartial && (
          <p class="faint">
            Only the latest 100 requests of each status were looked at. Resolve these, and older ones appear.
          </p>
        )}
      </div>
    </section>
  );
};
