import { useId } from 'preact/hooks';
import { CloseIcon } from '../parts/icons.tsx';
import { useStore } from '../store.ts';
import { callerText, STATUS_NAMES, STATUSES } from '../text/statuses.ts';

/** Opens one request, or shows those of one caller. */
export const Finds = () => (
  <div class="finds">
    <FindById />
    <CallerFilter />
  </div>
);

export const StatusFilter = () => {
  const { place, linkTo } = useStore();
  const { status } = place.value;
  return (
    <nav class="chips filters" aria-label="Status">
      <a
        class="chip"
        href={linkTo({ status: undefined })}
        aria-current={status === undefined ? 'true' : undefined}
      >
        All
      </a>
      {STATUS_NAMES.filter((name) => name !== 'submitting').map((name) => (
        <a
          key={name}
          class={`chip ${name}`}
          href={linkTo({ status: name })}
          aria-current={status === name ? 'true' : undefined}
        >
          <span class="dot" aria-hidden="true" />
          {STATUSES[name].name}
        </a>
      ))}
    </nav>
  );
};

const FindById = () => {
  const { go } = useStore();
  return (
    <form
      class="find"
      onSubmit={(event) => {
        event.preventDefault();
        const id = new FormData(event.currentTarget).get('id');
        if (typeof id === 'string' && id.trim() !== '') go({ id: id.trim() });
      }}
    >
      <input
        name="id"
        type="search"
        aria-label="Open a request by its id"
        placeholder="Open by id"
        autoComplete="off"
      />
    </form>
  );
};

const CallerFilter = () => {
  const { place, list, go, linkTo } = useStore();
  const { caller } = place.value;
  const id = useId();
  if (caller !== undefined) {
    return (
      <a class="chip removable" href={linkTo({ caller: undefined })} title={`${caller}: show all callers`}>
        {callerText(caller)} <CloseIcon />
      </a>
    );
  }
  const callers = new Set((list.state.value.value?.items ?? []).map((item) => item.caller));
  return (
    <form
      class="find"
      onSubmit={(event) => {
        event.preventDefault();
        const wanted = new FormData(event.currentTarget).get('caller');
        if (typeof wanted === 'string' && wanted !== '') go({ caller: wanted });
      }}
    >
      <input
        name="caller"
        type="search"
        list={id}
        aria-label="Show one caller, as a request shows it"
        placeholder="Caller"
        autoComplete="off"
      />
      <datalist id={id}>
        {[...callers].map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
    </form>
  );
};
