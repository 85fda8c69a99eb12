import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { deployedContext } from '../lib/synthesize.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'photo-avatars-bin-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** Runs the app as the CDK does, but with a Node that does not run TypeScript, like Node 20. */
const runApp = (folder: string, output: string, context: object = {}) =>
  spawnSync(process.execPath, ['--no-strip-types', join(folder, 'bin/photo-avatars.js')], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      ...process.env,
      CDK_OUTDIR: output,
      CDK_CONTEXT_JSON: JSON.stringify({ ...deployedContext, ...context }),
    },
  });

describe('the app of cdk.json on a Node that cannot run TypeScript', () => {
  it('is the app that is tested here', () => {
    expect(JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8')).app).toBe('node bin/photo-avatars.js');
  });

  it('synthesizes with the Node of the project', () => {
    const output = join(scratch, 'output');
    expect(runApp(root, output).status).toBe(0);
    expect(existsSync(join(output, 'PhotoAvatars-prod.template.json'))).toBe(true);
  });

  it('fails on an invalid setting', () => {
    const { status, stderr } = runApp(root, join(scratch, 'invalid'), { memorySize: 'big' });
    expect(stderr).toContain('memorySize is "big". Expected: a whole number from 128 to 10240.');
    expect(status).toBe(1);
  });

  it('says what to do before the project is installed', () => {
    cpSync(join(root, 'bin'), join(scratch, 'fresh/bin'), { recursive: true });
    const { status, stderr } = runApp(join(scratch, 'fresh'), join(scratch, 'none'));
    expect(stderr).toMatch(/^Node \S+ cannot run TypeScript\. Run `npm ci`, .*\n$/);
    expect(status).toBe(1);
  });
});
