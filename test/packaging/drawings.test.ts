import { globSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { drawArchitecture } from '../../packaging/pictures/architecture.ts';
import { drawDashboard } from '../../packaging/pictures/dashboard.ts';
import { dashboardWidgets } from '../../packaging/pictures/dashboard-widgets.ts';
import { THEMES } from '../../packaging/pictures/palette.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

/** The pictures that a document shows: paths in the repository. */
const picturesOf = (document: string): string[] =>
  [...read(document).matchAll(/(?:src|srcset)="([^"]+)"|!\[[^\]]*\]\(([^)]+)\)/g)]
    .map(([, html, markdown]) => html ?? markdown ?? '')
    .filter((path) => !path.startsWith('http'))
    .map((path) => join(dirname(document), path));

const DOCUMENTS = ['README.md', ...globSync('docs/*.md', { cwd: root })];

describe('the pictures of the documents', () => {
  it.each(THEMES)('show the architecture as it is drawn by the code (%s)', (theme) => {
    expect(read(`docs/images/architecture-${theme}.svg`)).toBe(drawArchitecture(theme));
  });

  it('are all there, and small', () => {
    const shown = new Set(DOCUMENTS.flatMap(picturesOf));
    expect(shown).toContain('docs/images/architecture-dark.svg');
    for (const path of shown) expect(statSync(join(root, path)).size, path).toBeLessThan(200_000);
    expect([...shown].sort()).toEqual(globSync('docs/images/*', { cwd: root }).sort());
  });

  it('show every widget of the dashboard in the template', () => {
    const widgets = dashboardWidgets();
    const shown = read('docs/images/dashboard-light.svg');
    expect(widgets.length).toBeGreaterThan(10);
    for (const { properties } of widgets) expect(shown).toContain(`>${properties.title}</text>`);
  });
});

describe('the drawing of the dashboard', () => {
  it('shows a value where the service measured one, a gap where it did not, and text as text', () => {
    const metric = { namespace: 'PhotoAvatars', name: 'Accepted', label: 'a <b>', statistic: 'Sum' };
    const drawing = drawDashboard('light', {
      widgets: [
        {
          type: 'metric',
          x: 0,
          y: 0,
          width: 12,
          height: 6,
          properties: { title: 'Outcomes', view: 'timeSeries', metrics: [metric] },
        },
      ],
      periods: [new Map([['Accepted', [1, 2]]]), new Map(), new Map([['Accepted', [3]]])],
    });
    expect(drawing).toMatch(/d="M [\d.]+ [\d.]+ M [\d.]+ [\d.]+"/);
    expect(drawing).toContain('a &lt;b&gt;');
    expect(drawing).not.toContain('measured by AWS');
  });
});
