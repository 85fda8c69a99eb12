import { writeFileSync } from 'node:fs';
import { THEMES } from '../../packaging/pictures/palette.ts';
import { type Cost, measureGrowth, OPERATIONS, type Operation } from '../growth/measure.ts';
import { drawGrowth } from '../growth/plot.ts';
import type { Report } from '../report.ts';

/** Records in the ledger. */
const SIZES = [1_000, 30_000, 1_000_000] as const;

const MAX_GROWTH = 1.1;

const QUANTITIES = {
  milliseconds: 'time',
  calls: 'calls',
  readUnits: 'read units',
} as const satisfies Record<keyof Cost, string>;

const quantities = Object.keys(QUANTITIES) as (keyof Cost)[];

/** What submissions, lists and dispatch cost while the ledger grows. Writes the curves into `docs/images/`. */
export const growth = async (): Promise<Report> => {
  const costs = await measureGrowth(SIZES);
  const ratiosOf = (operation: Operation, quantity: keyof Cost): number[] => {
    const values = costs[operation].map((cost) => cost[quantity]);
    // A submission reads nothing, whatever the size.
    return values.map((value) => (value === values[0] ? 1 : value / (values[0] ?? 0)));
  };
  const panels = OPERATIONS.map((operation) => ({
    title: operation,
    curves: quantities.map((quantity) => ({
      name: QUANTITIES[quantity],
      ratios: ratiosOf(operation, quantity),
    })),
  }));
  for (const theme of THEMES) {
    const file = new URL(`../../docs/images/growth-${theme}.svg`, import.meta.url);
    writeFileSync(file, drawGrowth(theme, SIZES, panels, MAX_GROWTH));
  }
  return {
    title: 'Growth: the same work with more records in the ledger',
    method:
      'A tenth of the records is queued, the others have ended. Medians, in warm processes. The store is dynalite on ' +
      "LevelDB, in a directory; each answer takes 20 ms. Dispatch's minute is twenty submissions from the line. The " +
      'curves are in docs/images/growth-*.svg.',
    rows: [
      ['operation', 'records', 'ms', 'AWS calls', 'read units'],
      ...OPERATIONS.flatMap((operation) =>
        costs[operation].map(({ milliseconds, calls, readUnits }, index) => [
          operation,
          (SIZES[index] ?? 0).toLocaleString('en'),
          milliseconds.toFixed(0),
          String(calls),
          String(readUnits),
        ]),
      ),
    ],
    targets: panels.flatMap(({ title, curves }) =>
      curves.map(({ name, ratios }) => ({
        name: `${title}: ${name} with the most records, of the fewest`,
        value: ratios.at(-1) ?? 0,
        max: MAX_GROWTH,
      })),
    ),
  };
};
