import { writeFileSync } from 'node:fs';
import { drawArchitecture } from './architecture.ts';
import { drawDashboard } from './dashboard.ts';
import { runForDashboard } from './dashboard-run.ts';
import { dashboardWidgets } from './dashboard-widgets.ts';
import { THEMES } from './palette.ts';

const folder = new URL('../../docs/images/', import.meta.url);
const run = { widgets: dashboardWidgets(), periods: await runForDashboard() };

for (const theme of THEMES) {
  writeFileSync(new URL(`architecture-${theme}.svg`, folder), drawArchitecture(theme));
  writeFileSync(new URL(`dashboard-${theme}.svg`, folder), drawDashboard(theme, run));
}
