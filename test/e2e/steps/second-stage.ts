import type { Toolkit } from '../toolkit.ts';
import { chargesOf, outputOf, REQUEST, type World } from '../world.ts';
import { endProtection } from './destruction.ts';
import { recordWith, sendToBus, sendToQueue, submittedRecord } from './events.ts';

/** Sends events to two stages with the same JoggAI key: each event is paid for by one of them. */
export const useSecondStage = async (world: World, second: World, toolkit: Toolkit): Promise<void> => {
  const { report } = world;
  report.section('Events for either of two stages');
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
  const foreign = [
    await recordWith(world, 'For the second stage'),
    await recordWith(second, 'For no stage by name'),
    await recordWith(second, 'To the first queue'),
  ];
  report.check(
    'no stage records an event of the other',
    foreign.every((record) => record === undefined),
  );
  report.check('each event was charged once', chargesOf(world) === before + 3);

  await endProtection(second);
  await toolkit.destroy(second.settings);
};
