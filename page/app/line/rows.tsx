import { useEffect, useRef } from 'preact/hooks';
import type { RecordView } from '../../../client/index.ts';
import { Age } from '../parts/age.tsx';
import { PersonIcon } from '../parts/icons.tsx';
import { ChargedMark, StatusMark } from '../parts/status.tsx';
import { useStore } from '../store.ts';
import { callerText, detailOf, summaryOf } from '../text/statuses.ts';

interface RowsProps {
  readonly items: readonly RecordView[];
  readonly label: string;
}

/** A list of requests. The arrow keys lead from one to the next. */
export const Rows = ({ items, label }: RowsProps) => {
  const move = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined || !(event.currentTarget instanceof HTMLElement)) return;
    const links = [...event.currentTarget.querySelectorAll<HTMLElement>('.row-link')];
    const next = links[links.findIndex((link) => link.matches(':focus')) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  };
  return (
    <ul class="rows" aria-label={label} onKeyDown={move}>
      {items.map((record) => (
        <Row key={record.id} record={record} />
      ))}
    </ul>
  );
};

const Row = ({ record }: { readonly record: RecordView }) => {
  const { place, linkTo } = useStore();
  const { id, status, charged, created_at, caller } = record;
  return (
    <li class={place.value.id === id ? 'row open' : 'row'}>
      <Thumbnail record={record} />
      <div class="row-text">
        <a
          class="row-link"
          href={linkTo({ id })}
          aria-current={place.value.id === id ? 'true' : undefined}
          data-id={id}
        >
          {summaryOf(record)}
        </a>
        <span class="row-detail">{detailOf(record)}</span>
      </div>
      <div class="row-marks">
        <StatusMark status={status} />
        <ChargedMark charged={charged} />
      </div>
      <div class="row-end">
        <Age at={created_at} />
        <a class="caller" href={linkTo({ caller })} title={`Only requests of ${caller}`}>
          {callerText(caller)}
        </a>
      </div>
    </li>
  );
};

/** The first picture, read when the row comes into sight. */
const Thumbnail = ({ record }: { readonly record: RecordView }) => {
  const { thumbnails } = useStore();
  const element = useRef<HTMLDivElement>(null);
  const link = thumbnails.of(record).value;
  useEffect(() => {
    const { current } = element;
    if (!current) return;
    const observer = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) thumbnails.want(record);
    });
    observer.observe(current);
    return () => observer.disconnect();
  }, [record.id, record.version]);
  return (
    <div ref={element} class={`thumbnail ${record.status}`} aria-hidden="true">
      {link === undefined ? (
        <PersonIcon />
      ) : (
        <img
          src={link}
          alt=""
          loading="lazy"
          width="44"
          height="44"
          onError={() => thumbnails.broken(record)}
        />
      )}
    </div>
  );
};
