import type { RecordView } from '../../../client/index.ts';
import { useStore } from '../store.ts';
import { momentText } from '../text/durations.ts';
import { CHARGED } from '../text/statuses.ts';

/** What was asked for, and what was paid for it. */
export const Facts = ({ record }: { readonly record: RecordView }) => {
  const { now, linkTo } = useStore();
  const {
    request,
    invalid,
    charged,
    attempts,
    photo_id,
    idempotency_key,
    caller,
    source,
    resolution,
    erasure,
    erased_at,
  } = record;
  const moment = (at: string) => momentText(at, now.peek());
  return (
    <section class="facts-section">
      <h3>Request</h3>
      <dl class="pairs">
        {Object.entries(request ?? {}).map(([name, value]) => (
          <Pair key={name} name={name.replaceAll('_', ' ')} value={value} />
        ))}
        {invalid && <Pair name="received" value={invalid.body} />}
        {invalid?.errors.map(({ field, message }) => (
          <Pair key={field} name={field} value={message} />
        ))}
      </dl>
      <h3>Payment</h3>
      <dl class="pairs">
        <Pair name="charged" value={CHARGED[charged].meaning} />
        <Pair
          name="attempts"
          value={attempts === 1 ? '1 paid call started' : `${attempts} paid calls started`}
        />
        {photo_id && <Pair name="JoggAI photo" value={photo_id} isCode />}
        {idempotency_key && <Pair name="key" value={idempotency_key} isCode />}
        {resolution && (
          <Pair
            name="resolved"
            value={`${resolution.action} by ${resolution.by}, ${moment(resolution.at)}: ${resolution.reason}`}
          />
        )}
        {erasure && (
          <Pair
            name="erased"
            value={`by ${erasure.by}, ${moment(erasure.at)}${erased_at ? '' : '; the copies of the pictures are being deleted'}`}
          />
        )}
      </dl>
      <h3>Origin</h3>
      <dl class="pairs">
        <Pair name="id" value={record.id} isCode />
        <div>
          <dt>caller</dt>
          <dd>
            <a href={linkTo({ view: 'line', caller, id: undefined })}>{caller}</a>
          </dd>
        </div>
        <Pair name="source" value={source} />
      </dl>
    </section>
  );
};

interface PairProps {
  readonly name: string;
  readonly value: string;
  readonly isCode?: boolean;
}

const Pair = ({ name, value, isCode = false }: PairProps) => (
  <div>
    <dt>{name}</dt>
    <dd>{isCode ? <code>{value}</code> : value}</dd>
  </div>
);
