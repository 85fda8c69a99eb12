import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ROLES, ROUTES, routesOf } from '../lambda/shared/routes.ts';

const guide = readFileSync(new URL('../docs/triggers.md', import.meta.url), 'utf8');

/** The last cell of the row of each role. */
const rows = new Map(
  (
    guide
      .split('\n### Roles\n')[1]
      ?.split('\n#')[0]
      ?.match(/^\|.*\|$/gm) ?? []
  ).map((line) => {
    const cells = line.split('|').map((cell) => cell.trim());
    return [cells[1], cells.at(-2)];
  }),
);

describe('docs/triggers.md', () => {
  it.each(ROLES)('lists the routes of a %s as the code has them', (role) => {
    const routes = routesOf(role).map((route) => `\`${route}\``);
    expect(rows.get(role)).toBe(routes.length === ROUTES.length ? 'all' : routes.join(', '));
  });
});
