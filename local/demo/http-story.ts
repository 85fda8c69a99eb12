import { METRIC, METRICS_NAMESPACE, type MetricName } from '../../lambda/metrics.ts';
import { SAMPLE_REQUEST } from '../sample-request.ts';
import type { Narrator } from './narrator.ts';
import type { Reply, Stage } from './stage.ts';

export const REQUEST = { ...SAMPLE_REQUEST, appearance: 'Curly red hair, green blazer' };

const HEADERS = { 'idempotency-key': 'order-4711' };

const summary = ({ status, body }: Reply): string => {
  const record = body.record ?? body;
  const parts = [
    `HTTP ${status}`,
    body.type,
    record.id && `record ${record.id}: ${record.status}, charged: ${record.charged}`,
  ];
  return parts.filter(Boolean).join(' · ');
};

/** What happens to somebody who calls the HTTPS endpoint. @returns the id of the first request */
export const tellHttpStory = async (stage: Stage, narrator: Narrator): Promise<string> => {
  narrator.chapter('A valid request: POST /photo-avatars');
  const first = await stage.call('POST', '/photo-avatars', REQUEST, HEADERS);
  narrator.say(JSON.stringify(first.body, null, 2));
  narrator.check('201, and JoggAI is at work', first.status === 201 && first.body.status === 'generating');
  narrator.check('one call was charged', stage.charges() === 1);

  narrator.chapter('The same request again, under the same Idempotency-Key');
  const again = await stage.call('POST', '/photo-avatars', REQUEST, HEADERS);
  narrator.say(summary(again));
  narrator.check('200, the same record', again.status === 200 && again.body.id === first.body.id);
  narrator.check('still one call charged', stage.charges() === 1);

  narrator.chapter("JoggAI's own curl example, which its schema contradicts");
  const wrong = await stage.call('POST', '/photo-avatars', {
    photo_url: 'https://example.com/me.jpg',
    name: 'Me',
  });
  narrator.say(summary(wrong));
  for (const { field, message } of wrong.body.errors) narrator.say(`${field} ${message}`);
  narrator.check(
    '422, with every field named, and image_url meant by photo_url',
    wrong.status === 422 &&
      wrong.body.errors.some((error: { message: string }) => error.message.includes('image_url')),
  );
  narrator.check('nothing was charged', stage.charges() === 1);

  narrator.chapter('The credits run out');
  stage.simulator.control.configure({ credits: 0.1 });
  await showRefusal(stage, narrator, 402, METRIC.insufficientCredit);
  narrator.check('nothing was charged', stage.charges() === 1);
  stage.simulator.control.configure({ credits: 1_000 });
  await showRecovery(stage, narrator);

  narrator.chapter('The permission is taken away');
  stage.simulator.control.configure({ permission: false });
  await showRefusal(stage, narrator, 502, METRIC.noPermission);
  stage.simulator.control.configure({ permission: true });
  await showRecovery(stage, narrator);
  return first.body.id;
};

const showRefusal = async (
  stage: Stage,
  narrator: Narrator,
  status: number,
  metric: MetricName,
): Promise<void> => {
  const refused = await stage.call('POST', '/photo-avatars', REQUEST);
  narrator.say(summary(refused));
  narrator.say(refused.body.detail);
  narrator.check(
    `${status}, and the record says rejected and not charged`,
    refused.status === status &&
      refused.body.record.status === 'rejected' &&
      refused.body.record.charged === 'no',
  );
  const kept = await stage.call('GET', `/photo-avatars/${refused.body.record.id}`);
  narrator.check('the record can be looked up', kept.body.error?.code === refused.body.record.error.code);
  const point = stage.metric(metric);
  narrator.say(
    `metric ${point?.namespace} ${point?.name} = ${point?.value}, of ${JSON.stringify(point?.dimensions)}`,
  );
  narrator.check(
    'the metric that the alarm watches was counted',
    point?.namespace === METRICS_NAMESPACE && Object.keys(point.dimensions).join() === 'service',
  );

  const next = await askWhileBlocked(stage);
  const isSpared = next.status === status && next.headers.has('retry-after');
  narrator.check(
    `the next caller is told at once, with Retry-After: ${next.headers.get('retry-after')}`,
    isSpared,
  );
};

/**
 * The answer to a request that came while the account was blocked. A busy machine may take longer to send it than the
 * block lasts: then JoggAI refuses it as the probe, and the block begins anew, for twice as long.
 */
const askWhileBlocked = (stage: Stage): Promise<Reply> =>
  stage.until(async () => {
    const { body: account } = await stage.call('GET', '/account');
    const reply = await stage.call('POST', '/photo-avatars', REQUEST);
    return Date.now() < Date.parse(account.until) ? reply : undefined;
  });

/** Dispatch sees by JoggAI's free calls that a block has lost its cause, and lets the next request go as the probe. */
const showRecovery = async (stage: Stage, narrator: Narrator): Promise<void> => {
  await stage.service.triggerDispatch();
  const probe = await stage.call('POST', '/photo-avatars', REQUEST);
  narrator.check('once the cause is gone, the next request goes through by itself', probe.status === 201);
};

/** What the ledger says at the end, beside what JoggAI charged. */
export const tellLedger = async (stage: Stage, narrator: Narrator): Promise<void> => {
  narrator.chapter('What the ledger holds: GET /photo-avatars');
  const { body } = await stage.call('GET', '/photo-avatars?limit=10');
  for (const { created_at, id, status, charged, source, error } of body.items) {
    const why = error ? ` (${error.code})` : '';
    narrator.say(
      `${created_at}  ${id}  ${status.padEnd(10)} charged: ${charged.padEnd(3)}  via ${source}${why}`,
    );
  }
  const charged = await countCharged(stage);
  narrator.say(`The ledger has ${charged} charged requests; JoggAI charged ${stage.charges()} calls.`);
  narrator.check('ledger and JoggAI agree on what was paid', charged === stage.charges());
};

const countCharged = async (stage: Stage): Promise<number> => {
  let charged = 0;
  let cursor: string | undefined;
  do {
    const page = await stage.call('GET', `/photo-avatars?limit=100${cursor ? `&cursor=${cursor}` : ''}`);
    charged += page.body.items.filter((item: { charged: string }) => item.charged === 'yes').length;
    cursor = page.body.next_cursor;
  } while (cursor);
  return charged;
};
