import { METRIC, METRICS_NAMESPACE, type MetricName } from '../../lambda/shared/metrics.ts';
import { SAMPLE_REQUEST } from '../sample-request.ts';
import type { Output } from './output.ts';
import type { Demo, Reply } from './setup.ts';

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

/** Calls of the HTTP API. @returns the id of the first request */
export const runHttpScenario = async (demo: Demo, output: Output): Promise<string> => {
  output.section('A valid request: POST /photo-avatars');
  const first = await demo.call('POST', '/photo-avatars', REQUEST, HEADERS);
  output.print(JSON.stringify(first.body, null, 2));
  output.check(
    '201, and the record is generating',
    first.status === 201 && first.body.status === 'generating',
  );
  output.check('JoggAI charged one call', demo.charges() === 1);

  output.section('The same request again, with the same Idempotency-Key');
  const repeated = await demo.call('POST', '/photo-avatars', REQUEST, HEADERS);
  output.print(summary(repeated));
  output.check('200 with the same record', repeated.status === 200 && repeated.body.id === first.body.id);
  output.check('JoggAI charged no second call', demo.charges() === 1);

  output.section("JoggAI's own curl example, which its schema does not allow");
  const invalid = await demo.call('POST', '/photo-avatars', {
    photo_url: 'https://example.com/me.jpg',
    name: 'Me',
  });
  output.print(summary(invalid));
  for (const { field, message } of invalid.body.errors) output.print(`${field} ${message}`);
  output.check(
    '422, which names every invalid field and suggests image_url for photo_url',
    invalid.status === 422 &&
      invalid.body.errors.some((error: { message: string }) => error.message.includes('image_url')),
  );
  output.check('JoggAI charged nothing more', demo.charges() === 1);

  output.section('The credits run out');
  demo.simulator.control.configure({ credits: 0.1 });
  await showRejection(demo, output, 402, METRIC.insufficientCredit);
  output.check('JoggAI charged nothing more', demo.charges() === 1);
  demo.simulator.control.configure({ credits: 1_000 });
  await showRecovery(demo, output);

  output.section('JoggAI revokes the permission');
  demo.simulator.control.configure({ permission: false });
  await showRejection(demo, output, 502, METRIC.noPermission);
  demo.simulator.control.configure({ permission: true });
  await showProbe(demo, output);
  return first.body.id;
};

const showRejection = async (
  demo: Demo,
  output: Output,
  status: number,
  metric: MetricName,
): Promise<void> => {
  const rejected = await demo.call('POST', '/photo-avatars', REQUEST);
  output.print(summary(rejected));
  output.print(rejected.body.detail);
  output.check(
    `${status}, and the record is rejected and not charged`,
    rejected.status === status &&
      rejected.body.record.status === 'rejected' &&
      rejected.body.record.charged === 'no',
  );
  const stored = await demo.call('GET', `/photo-avatars/${rejected.body.record.id}`);
  output.check('GET returns the record', stored.body.error?.code === rejected.body.record.error.code);
  const point = demo.metric(metric);
  output.print(
    `metric ${point?.namespace} ${point?.name} = ${point?.value}, dimensions ${JSON.stringify(point?.dimensions)}`,
  );
  output.check(
    'the function emitted the metric that the alarm watches',
    point?.namespace === METRICS_NAMESPACE && Object.keys(point.dimensions).join() === 'service',
  );

  const next = await callWhileBlocked(demo);
  const isRejectedAtOnce = next.status === status && next.headers.has('retry-after');
  output.check(
    `the gate rejects the next call at once, with Retry-After: ${next.headers.get('retry-after')}`,
    isRejectedAtOnce,
  );
};

/**
 * The answer to a request during the block. On a busy machine the block may expire before the request arrives: then
 * JoggAI refuses the request as the probe, and a block of twice the length begins.
 */
const callWhileBlocked = (demo: Demo): Promise<Reply> =>
  demo.waitFor(async () => {
    const { body: account } = await demo.call('GET', '/account');
    const reply = await demo.call('POST', '/photo-avatars', REQUEST);
    return Date.now() < Date.parse(account.until) ? reply : undefined;
  });

/** Dispatch detects by JoggAI's free calls that the cause is gone, and lets the next request through as the probe. */
const showRecovery = async (demo: Demo, output: Output): Promise<void> => {
  await demo.service.triggerDispatch();
  const probe = await demo.call('POST', '/photo-avatars', REQUEST);
  output.check(
    'the next request succeeds once the cause is gone, without manual action',
    probe.status === 201,
  );
};

/** No free call shows a permission. When the block expires, the next request is the probe that ends it. */
const showProbe = async (demo: Demo, output: Output): Promise<void> => {
  const probe = await demo.waitFor(async () => {
    const reply = await demo.call('POST', '/photo-avatars', REQUEST);
    return reply.status === 502 ? undefined : reply;
  });
  output.check('a probe ends the block once the cause is gone, without manual action', probe.status === 201);
};

/** Compares the ledger with what JoggAI charged. */
export const checkLedger = async (demo: Demo, output: Output): Promise<void> => {
  output.section('The ledger: GET /photo-avatars');
  const { body } = await demo.call('GET', '/photo-avatars?limit=10');
  for (const { created_at, id, status, charged, source, error } of body.items) {
    const reason = error ? ` (${error.code})` : '';
    output.print(
      `${created_at}  ${id}  ${status.padEnd(10)} charged: ${charged.padEnd(3)}  via ${source}${reason}`,
    );
  }
  const charged = await countCharged(demo);
  output.print(`The ledger has ${charged} charged requests. JoggAI charged ${demo.charges()} calls.`);
  output.check('the ledger and JoggAI agree on the number of charges', charged === demo.charges());
};

const countCharged = async (demo: Demo): Promise<number> => {
  let charged = 0;
  let cursor: string | undefined;
  do {
    const page = await demo.call('GET', `/photo-avatars?limit=100${cursor ? `&cursor=${cursor}` : ''}`);
    charged += page.body.items.filter((item: { charged: string }) => item.charged === 'yes').length;
    cursor = page.body.next_cursor;
  } while (cursor);
  return charged;
};
