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
  ours: 'node bin/photo-avatars.js',
  bare: 'node bench/bare-app/app.ts',
} as const;

type AppName = keyof typeof APPS;

/** @returns the seconds of `cdk synth` with the project's version of the CLI */
const synthesize = async (app: AppName, output: string): Promise<number> => {
  const cdk = join(root, 'node_modules/aws-cdk/bin/cdk');
  const startedAt = performance.now();
  await promisify(execFile)(
    process.execPath,
    [cdk, 'synth', '--quiet', '--app', APPS[app], '--output', output],
    {
      cwd: root,
      // The app uses the same Node as the CLI.
      env: { ...process.env, PATH: [dirname(process.execPath), process.env.PATH].join(delimiter) },
    },
  );
  return (performance.now() - startedAt) / 1_000;
};

/** The time of `cdk synth`. */
export const synth = async (): Promise<Report> => {
  const seconds: Record<AppName, number[]> = { ours: [], bare: [] };
  const directory = mkdtempSync(join(tmpdir(), 'synth-'));
  try {
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (const app of ['ours', 'bare'] as const) {
        // A new folder each time, because existing assets are not copied again.
        const elapsed = await synthesize(app, join(directory, `${app}-${round}`));
        if (round > 0) seconds[app].push(elapsed);
      }
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
  const row = (app: AppName, description: string): string[] => [
    app,
    median(seconds[app]).toFixed(2),
    (median(seconds[app]) / median(seconds.bare)).toFixed(2),
    description,
  ];
  return {
    title: 'Synthesis, in seconds',
    method: `Medians of ${ROUNDS} runs of \`cdk synth\` each, in turn, into an empty folder. The first round is discarded.`,
    rows: [
      ['app', 'time', 'of bare', 'description'],
      row('ours', 'the whole service, including its three bundles'),
      row('bare', 'a stack with a single queue'),
    ],
  };
};
