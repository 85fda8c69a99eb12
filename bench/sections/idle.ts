import { bundleHandler } from '../../lib/handler-code.ts';
import { callsIn, roundsIn } from '../../local/metering/meter.ts';
import { type Cost, startMeteredService } from '../../local/metering/metered-service.ts';
import { followRequest, idleMinute } from '../../local/metering/scenarios.ts';
import type { Report } from '../report.ts';

/** So that calls that are made one after the other can be distinguished from those that are made at once. */
const DYNAMODB_MS = 20;

const MAX_IDLE_CALLS = 6;

/** Calls of the whole story with version 0.1.0: 4, 12 and 21. */
const FOLLOWED_BEFORE = 37;

/** What dispatch calls when there is nothing to do, and what one request costs until its end is published. */
export const idle = async (): Promise<Report> => {
  const world = await startMeteredService({
    dynamoDbMs: DYNAMODB_MS,
    entryOf: (name) => bundleHandler(name).entry,
  });
  try {
    const nothing = await idleMinute(world);
    const { submission, running, ending } = await followRequest(world);
    const all = [submission, running, ending];
    const followed = all.map(callsIn).reduce((sum, count) => sum + count);
    const row = (name: string, cost: Cost): string[] => [
      name,
      String(callsIn(cost)),
      String(roundsIn(cost)),
      String(cost.joggaiCalls),
      String(cost.read),
      String(cost.write),
      String(cost.logBytes),
    ];
    return {
      title: 'Calls of a minute with nothing to do, and of one request',
      method:
        'Counted between the bundled functions and the emulators, warm. A round is calls that overlap. The ' +
        'generation takes one minute: dispatch runs once meanwhile, and once after it.',
      rows: [
        ['part', 'AWS calls', 'rounds', 'JoggAI calls', 'read units', 'write units', 'log bytes'],
        row('dispatch, nothing to do', nothing),
        row('a request over HTTP', submission),
        row('dispatch, while JoggAI generates', running),
        row('dispatch, to the published end', ending),
      ],
      targets: [
        { name: 'AWS calls of a minute with nothing to do', value: callsIn(nothing), max: MAX_IDLE_CALLS },
        { name: 'AWS calls of a request to its end, of 0.1.0', value: followed / FOLLOWED_BEFORE, max: 0.99 },
      ],
    };
  } finally {
    await world.close();
  }
};
