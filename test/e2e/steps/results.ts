import { callApi, chargesOf, invoke, outputOf, REQUEST, recordOf, until, type World } from '../world.ts';
import { queueFor } from './mailbox.ts';

/** A generation of the simulator takes so long from now on. */
const SOON_MS = 1_000;

/** Results as somebody gets them who has a rule on the bus, with a queue as its target. */
export const receiveResults = async (world: World): Promise<void> => {
  const { teller, aws, simulator } = world;
  const dispatch = outputOf(world, 'DispatchFunctionName');
  const results = await subscribe(world);
  const { generation } = simulator.control.state().settings;
  simulator.control.configure({ generation: { durationMs: SOON_MS } });

  teller.chapter('A generation ends: pictures are kept, and its result is announced');
  const { json: accepted } = await callApi(world, aws, 'POST', '/photo-avatars', REQUEST);
  const event = await until(async () => {
    await invoke(aws, dispatch, {});
    return results.of(accepted.id);
  });
  teller.say(JSON.stringify(event?.detail ?? 'No event came.'));
  teller.check(
    'Photo Avatar Succeeded reaches the queue',
    event?.['detail-type'] === 'Photo Avatar Succeeded',
  );
  const images: { copy?: { bucket: string; key: string; bytes: number } }[] = event?.detail.images ?? [];
  teller.check('with pictures, each of them copied', images.length > 0 && images.every(({ copy }) => copy));
  for (const { copy } of images) {
    if (!copy) continue;
    const head = { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
    const path = `/${copy.bucket}/${copy.key}`;
    const object = await aws.send({ service: 's3', method: 'HEAD', path, headers: head });
    teller.check(
      `${copy.key} is in the bucket`,
      object.status === 200 && object.headers['content-length'] === String(copy.bytes),
    );
  }
  const record = await recordOf(world, accepted.id);
  teller.check('the record says succeeded', record.status === 'succeeded');

  teller.chapter('An answer is lost, and a person decides');
  const before = chargesOf(world);
  simulator.control.addFault({ kind: 'reset', when: 'after_charging', times: 1 });
  const lost = await callApi(world, aws, 'POST', '/photo-avatars', REQUEST);
  const id = lost.json?.record?.id;
  teller.check('504, in doubt', lost.status === 504 && lost.json.record.status === 'in_doubt');
  const settled = await callApi(world, aws, 'POST', `/photo-avatars/${id}/resolution`, {
    action: 'close',
    reason: 'Nobody needs it any more',
  });
  teller.check('it is closed by a call', settled.status === 200 && settled.json.status === 'failed');
  const ended = await until(async () => {
    await invoke(aws, dispatch, {});
    const end = await results.of(id);
    return end?.['detail-type'] === 'Photo Avatar Failed' ? end : undefined;
  });
  teller.check('which is announced, too', ended !== undefined);
  teller.check('JoggAI charged it once, and nobody sent it again', chargesOf(world) === before + 1);
  simulator.control.configure({ generation });
};

const subscribe = async (world: World) => {
  const { aws } = world;
  const EventBusName = outputOf(world, 'ResultsBus');
  const rule = { Name: 'results', EventBusName };
  const { RuleArn } = await aws.json('events', 'PutRule', {
    ...rule,
    EventPattern: JSON.stringify({ source: ['photo-avatars'] }),
  });
  const queue = await queueFor(aws, 'results', 'events.amazonaws.com', RuleArn);
  await aws.json('events', 'PutTargets', {
    Rule: rule.Name,
    EventBusName,
    Targets: [{ Id: 'queue', Arn: queue.arn }],
  });
  // biome-ignore lint/suspicious/noExplicitAny: a reader of JSON looks at what is there
  const seen: any[] = [];
  return {
    /** The newest event about a record, if one came. */
    async of(id: string) {
      seen.push(...(await queue.receive()).map((body) => JSON.parse(body)));
      return seen.findLast(({ detail }) => detail.id === id);
    },
  };
};
