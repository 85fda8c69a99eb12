import type { Toolkit } from '../toolkit.ts';
import { chargesOf, outputOf, REQUEST, recordsOf, type World } from '../world.ts';
import { endProtection } from './destruction.ts';
import { sendToBus, sendToQueue, submittedRecord } from './events.ts';

/** Deploys another stage beside the first, with the same JoggAI key: each event is paid for by one of them. */
export const useSecondStage = async (world: World, toolkit: Toolkit, stage: string): Promise<void> => {
  const { report, aws } = world;
  report.section('cdk deploy of a second stage, and events for either');
  const settings = { ...world.settings, stage };
  const second: World = { ...world, settings, deployed: await toolkit.deploy(settings) };
  const { SecretString } = await aws.json('secretsmanager', 'GetSecretValue', {
    SecretId: outputOf(world, 'ApiKeySecret'),
  });
  await aws.json('secretsmanager', 'PutSecretValue', {
    SecretId: outputOf(second, 'ApiKeySecret'),
    SecretString,
    ClientRequestToken: crypto.randomUUID(),
  });
  const before = chargesOf(world);

  await sendToBus(world, { ...REQUEST, appearance: 'For no stage by name' });
  const unaddressed = await submittedRecord(world, 'For no stage by name');
  report.check('an event that names no service goes to the default stage', unaddressed !== undefined);

  const service = outputOf(second, 'ServiceName');
  await sendToBus(world, { ...REQUEST, service, appearance: 'For the second stage' });
  const addressed = await submittedRecord(second, 'For the second stage');
  report.check('an event that names the second stage goes there', addressed?.caller === 'my.shop');
  // Recorded after both events: a copy of one of them would have arrived before.
  await sendToQueue(world, { ...REQUEST, appearance: 'To the first queue' });
  await submittedRecord(world, 'To the first queue');
  const others = (await recordsOf(world)).filter(
    ({ request }: { request?: { appearance?: string } }) => request?.appearance === 'For the second stage',
  );
  report.check(
    'no stage records an event of the other',
    others.length === 0 && (await recordsOf(second)).length === 1,
  );
  report.check('each event was charged once', chargesOf(world) === before + 3);

  await endProtection(second);
  await toolkit.destroy(settings);
};
