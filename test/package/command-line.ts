import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { startScripted } from '../support/client-world.ts';
import type { Installed } from './events.ts';

export interface InstalledCommandLine extends Omit<Installed, 'inRoot'> {
  /** Folder of the installed package. */
  readonly installed: string;
  /** A home directory without settings. */
  readonly home: string;
}

/** What the package offers in a terminal: the commands, and the page that one of them serves. */
export const describeCommandLine = ({ shop, nodes, run, installed, home }: InstalledCommandLine): void => {
  const launcher = join(installed, 'cli/photo-avatars.js');

  describe('the command line in the package', () => {
    it('is the only command of the package, and npm can start it', () => {
      const { bin } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
      expect(bin).toEqual({ 'photo-avatars': 'cli/photo-avatars.js' });
      expect(readFileSync(launcher, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
      expect(statSync(launcher).mode & 0o111).not.toBe(0);
      expect(existsSync(join(installed, 'cli/main.ts'))).toBe(false);
    });

    it.each([...nodes])(
      'calls the service with Node %s, and looks for AWS credentials only when needed',
      async (_, node) => {
        const server = await startScripted({ status: 200, body: { items: [] } });
        await run(shop, node, launcher, 'list', '--url', server.url);
        expect(server.received).toHaveLength(1);
        await server.close();
        const deployed = 'https://a1b2c3.execute-api.eu-west-1.amazonaws.com';
        // `run` passes no AWS variables, and the folder has no profile.
        const env = { HOME: home, AWS_EC2_METADATA_DISABLED: 'true' };
        const signed = promisify(execFile)(node, [launcher, 'list', '--url', deployed], { cwd: shop, env });
        await expect(signed).rejects.toMatchObject({
          code: 4,
          stderr: expect.stringContaining('credentials'),
        });
      },
    );
  });

  describe('the page in the package', () => {
    it.each([...nodes])('is served by the command line with Node %s, without a bundler', async (_, node) => {
      const server = await startScripted({ status: 403 }, { status: 200, body: { state: 'open' } });
      const child = spawn(node, [launcher, 'console', '--url', server.url], { cwd: shop, stdio: 'pipe' });
      const ended = once(child, 'close');
      const [line] = await once(createInterface(child.stdout), 'line');
      const { origin, hash } = new URL(String(line));
      const page = await (await fetch(origin)).text();
      for (const [, path = ''] of page.matchAll(/(?:src|href)="(\/[^"]+)"/g)) {
        const response = await fetch(`${origin}${path}`);
        expect([path, response.status]).toEqual([path, 200]);
        expect((await response.text()).length).toBeGreaterThan(10);
      }
      const headers = { 'x-photo-avatars-token': hash.replace('#token=', '') };
      const account = await fetch(`${origin}/console/api/account`, { headers });
      expect(await account.json()).toEqual({ state: 'open' });
      child.kill('SIGINT');
      await ended;
      expect(child.exitCode).toBe(0);
      await server.close();
    });

    it('is missed with a sentence', async () => {
      const folder = join(installed, 'dist/page/app');
      renameSync(folder, `${folder}-away`);
      const served = promisify(execFile)(process.execPath, [launcher, 'console', '--local'], { cwd: shop });
      await expect(served).rejects.toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/^Error: This installation does not contain the page\. Install/),
      });
      renameSync(`${folder}-away`, folder);
    });
  });
};
