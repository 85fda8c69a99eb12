import { bundleHandler } from '../../lib/handler-code.ts';
import { costTable } from '../../local/metering/cost-table.ts';
import { countCosts } from '../../local/metering/costs.ts';
import { startMeteredService } from '../../local/metering/metered-service.ts';
import { callsPerRequest } from '../../model/backlog.ts';
import type { Report } from '../report.ts';

/** What AWS bills for: the table of `docs/costs.md`. */
export const costs = async (): Promise<Report> => {
  const world = await startMeteredService({
    entryOf: (name) => bundleHandler(name).entry,
  });
  try {
    return {
      title: 'What AWS bills for',
      method:
        'Calls, units, bytes and events are counted in a run on this machine, those of the backlog in the model of ' +
        'the pace. The seconds of Lambda are assumed.',
      rows: costTable(await countCosts(world, await callsPerRequest())),
    };
  } finally {
    await world.close();
  }
};
