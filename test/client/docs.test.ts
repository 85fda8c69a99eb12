import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { createClient } from '../../client/index.ts';
import { startRunningService } from '../support/running-service.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(new URL('../../docs/client.md', import.meta.url), 'utf8');

it('the first program of docs/client.md prints what the page shows', async () => {
  const [, program = '', output] = /^```ts\n(.*?)^```\n\n```\n(.*?)^```/ms.exec(page) ?? [];
  const running = await startRunningService();
  const source = program
    .replace("'photo-avatars/client'", "'./client/index.ts'")
    .replace('http://127.0.0.1:3000', running.service.url);
  const options = ['--input-type=module-typescript', '--eval', source];
  const { stdout } = await promisify(execFile)(process.execPath, options, { cwd: root });
  expect(stdout).toBe(output);
  await running.close();
});

it('docs/client.md lists every method', () => {
  const methods = Object.keys(createClient({ url: 'http://127.0.0.1:3000' }));
  const [, table = ''] = /^## Methods\n(.*?)^## /ms.exec(page) ?? [];
  const named = [...table.matchAll(/`(\w+)\(/g)].map(([, name]) => name);
  expect(named.toSorted()).toEqual(methods.toSorted());
});
