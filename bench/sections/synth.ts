import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Report } from '../report.ts';
import { median } from '../statistics.ts';

const ROUNDS = 5;

const root = fileURLToPath(new URL('../..', import.meta.url));

const APPS = {
  ours: 'node bin/photo-avatars.ts',
  bare: 'node bench/bare-app/app.ts',
} as const;

type AppName = keyof typeof APPS;

/** @returns seconds that `cdk synth` took, by the project's own command line tool and settings */
const synthesize = async (app: AppName, output: string): Promise<number> => {
  const cdk = join(root, 'node_modules/aws-cdk/bin/cdk');
  const startedAt = performance.now();
  await promisify(execFile)(
    process.execPath,
    [cdk, 'synth', '--quiet', '--app', APPS[app], '--output', output],
    {
      cwd: root,
      // The same Node for the app as for the tool.
      env: { ...process.env, PATH: [dirname(process.execPath), process.env.PATH].join(delimiter) },
    },
  );
  return (performance.now() - startedAt) / 1_000;
};

/** How long a person waits for the template. */
export const synth = async (): Promise<Report> => {
  const seconds: Record<AppName, number[]> = { ours: [], bare: [] };
  const scratch = mkdtempSync(join(tmpdir(), 'synth-'));
  try {
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (const app of ['ours', 'bare'] as const) {
        // An empty folder each time: files that are already there would not be copied again.
        const took = await synthesize(app, join(scratch, `${app}-${round}`));
        if (round > 0) seconds[app].push(took);
      }
    }
  } finally {
    rmSync(scratch, { recursive: true });
  }
  const row = (app: AppName, what: string): string[] => [
    app,
    median(seconds[app]).toFixed(2),
    (median(seconds[app]) / median(seconds.bare)).toFixed(2),
    what,
  ];
  return {
    title: 'Synthesis, in seconds',
    about: `Medians of ${ROUNDS} runs of \`cdk synth\` each, in turn, into an empty folder. A first turn is thrown away.`,
    rows: [
      ['app', 'time', 'of bare', ''],
      row('ours', 'the whole service, its three bundles included'),
      row('bare', 'a stack with a single queue in it'),
    ],
  };
};
