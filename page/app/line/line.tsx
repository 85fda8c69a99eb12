import { TroubleBox } from '../parts/trouble-box.tsx';
import { useStore } from '../store.ts';
import { Charts } from './charts.tsx';
import { Finds, StatusFilter } from './filters.tsx';
import { Freshness } from './freshness.tsx';
import { Rows } from './rows.tsx';

/** All requests, newest first, and what happened in the last hour. */
export const Line = () => {
  const { list, place } = useStore();
  const { value, error } = list.state.value;
  const { status, caller, cursor } = place.value;
  const isFiltered = status !== undefined || caller !== undefined;
  return (
    <section class="line" aria-labelledby="line-title">
      <Charts />
      <div class="panel list-panel">
        <div class="list-head">
          <h2 id="line-title">Requests</h2>
          <Finds />
          <Freshness of={list} />
        </div>
        <StatusFilter />
        <TroubleBox error={error} />
        {value && <Rows items={value.items} label="Requests" />}
        {!value && error === undefined && <Loading />}
        {value?.items.length === 0 && (
          <p class="empty">
            {isFiltered
              ? 'No request matches the filter.'
              : 'No requests yet. Ask for one: the form needs five choices.'}
          </p>
        )}
        <Paging next={value?.nextCursor} isFirst={cursor === undefined} />
      </div>
    </section>
  );
};

const Loading = () => (
  <ul class="rows" aria-hidden="true">
    {[1, 2, 3, 4].map((row) => (
      <li key={row} class="row loading" />
    ))}
  </ul>
);

const Paging = ({ next, isFirst }: { readonly next: string | undefined; readonly isFirst: boolean }) => {
  const { linkTo } = useStore();
  if (next === undefined && isFirst) return null;
  return (
    <nav class="paging" aria-label="Pages">
      {!isFirst && <a href={linkTo({ cursor: undefined })}>Newest</a>}
      {next !== undefined && <a href={linkTo({ cursor: next })}>Older</a>}
    </nav>
  );
};
