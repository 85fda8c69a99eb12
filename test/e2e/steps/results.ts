import { callApi, chargesOf, invoke, outputOf, REQUEST, recordOf, type World, waitFor } from '../world.ts';
import { createSubscriberQueue } from './subscriber-queue.ts';

/** Duration of the simulator's generations in this step. */
const GENERATION_MS = 1_000;

/** Receives results through a rule on the bus with a queue as its target. */
export const receiveResults = async (world: World): Promise<void> => {
  const { report, aws, simulator } = world;
  const dispatch = outputOf(world, 'DispatchFunctionName');
  const results = await subscribe(world);
  const { generation } = simulator.control.state().settings;
  simulator.control.configure({ generation: { durationMs: GENERATION_MS } });

  report.section('A generation ends: its images are copied and its result is published');
  const { json: accepted } = await callApi(world, aws, 'POST', '/photo-avatars', REQUEST);
  const event = await waitFor(async () => {
    await invoke(aws, dispatch, {});
    return results.latest(accepted.id);
  });
  report.print(JSON.stringify(event?.detail ?? 'No event was received.'));
  report.check(
    'Photo Avatar Succeeded reaches the queue',
    event?.['detail-type'] === 'Photo Avatar Succeeded',
  );
  const images: { copy?: { bucket: string; key: string; bytes: number } }[] = event?.detail.images ?? [];
  report.check(
    'its detail contains images, each with a copy',
    images.length > 0 && images.every(({ copy }) => copy),
  );
  for (const { copy } of images) {
    if (!copy) continue;
    const head = { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
    const path = `/${copy.bucket}/${copy.key}`;
    const object = await aws.send({ service: 's3', method: 'HEAD', path, headers: head });
    report.check(
      `${copy.key} is in the bucket`,
      object.status === 200 && object.headers['content-length'] === String(copy.bytes),
    );
  }
  const record = await recordOf(world, accepted.id);
  report.check('the status of the record is succeeded', record.status === 'succeeded');

  await eraseRequest(world, dispatch, accepted.id, images);

  report.section('A response of JoggAI is lost, and a person resolves the record');
  const before = chargesOf(world);
  simulator.control.addFault({ kind: 'reset', when: 'after_charging', times: 1 });
  const inDoubt = await callApi(world, aws, 'POST', '/photo-avatars', REQUEST);
  const id = inDoubt.json?.record?.id;
  report.check('504, in doubt', inDoubt.status === 504 && inDoubt.json.record.status === 'in_doubt');
  const resolved = await callApi(world, aws, 'POST', `/photo-avatars/${id}/resolution`, {
    action: 'close',
    version: inDoubt.json?.record?.version,
    reason: 'No longer needed',
  });
  report.check(
    'the resolution closes it as failed',
    resolved.status === 200 && resolved.json.status === 'failed',
  );
  const ended = await waitFor(async () => {
    await invoke(aws, dispatch, {});
    const end = await results.latest(id);
    return end?.['detail-type'] === 'Photo Avatar Failed' ? end : undefined;
  });
  report.check('Photo Avatar Failed reaches the queue', ended !== undefined);
  report.check('JoggAI charged it once, and it was not sent again', chargesOf(world) === before + 1);
  simulator.control.configure({ generation });
};

/** Erases a request that succeeded, and looks for its images. */
const eraseRequest = async (
  world: World,
  dispatch: string,
  id: string,
  images: readonly { copy?: { bucket: string; key: string } }[],
): Promise<void> => {
  const { report, aws } = world;
  report.section('What a person said and showed is erased');
  const erased = await waitFor(async () => {
    const reply = await callApi(world, aws, 'DELETE', `/photo-avatars/${id}`);
    return reply.status === 409 ? undefined : reply;
  });
  report.check('DELETE: 202', erased?.status === 202);
  const record = await recordOf(world, id);
  report.check(
    'the record has no request and no images, and still its charge',
    !record.request && !record.images && record.charged === 'yes',
  );
  await invoke(aws, dispatch, {});
  const statuses = await Promise.all(
    images.map(async ({ copy }) => {
      const path = `/${copy?.bucket}/${copy?.key}`;
      const headers = { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
      return (await aws.send({ service: 's3', method: 'HEAD', path, headers })).status;
    }),
  );
  report.check(
    'dispatch deleted every copy',
    statuses.length > 0 && statuses.every((status) => status === 404),
  );
};

const subscribe = async (world: World) => {
  const { aws } = world;
  const EventBusName = outputOf(world, 'ResultsBus');
  const rule = { Name: 'results', EventBusName };
  const { RuleArn } = await aws.json('events', 'PutRule', {
    ...rule,
    EventPattern: JSON.stringify({ source: ['photo-avatars'] }),
  });
  const queue = await createSubscriberQueue(aws, 'results', 'events.amazonaws.com', RuleArn);
  await aws.json('events', 'PutTargets', {
    Rule: rule.Name,
    EventBusName,
    Targets: [{ Id: 'queue', Arn: queue.arn }],
  });
  // biome-ignore lint/suspicious/noExplicitAny: JSON without a schema
  const received: any[] = [];
  return {
    /** The newest event about a record, if there is one. */
    async latest(id: string) {
      received.push(...(await queue.receive()).map((body) => JSON.parse(body)));
      return received.findLast(({ detail }) => detail.id === id);
    },
  };
};
