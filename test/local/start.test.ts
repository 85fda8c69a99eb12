import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { metricsIn } from '../../local/embedded-metrics.ts';
import { SAMPLE_REQUEST } from '../../local/sample-request.ts';
import { documentIn, runCli, scratchFolder } from '../support/cli.ts';
import { eventuallyTrue } from '../support/eventually.ts';

const START = fileURLToPath(new URL('../../local/start.ts', import.meta.url));

/** Runs `npm start` without npm. */
const start = (args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) => {
  const child = spawn(process.execPath, [START, ...args], {
    env: { PATH: process.env.PATH, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    printed.stderr += text;
  });
  const closed = once(child, 'close');
  return {
    printed,
    /** The exit code. */
    ended: closed.then(() => child.exitCode),
    stop: async () => {
      child.kill('SIGTERM');
      await closed;
    },
  };
};

const urlIn = (text: string): string | undefined => /Photo avatars at (\S+),/.exec(text)?.[1];
const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');

describe('npm start', () => {
  let running: ReturnType<typeof start>;
  let url = '';
  const folder = scratchFolder();
  beforeAll(async () => {
    running = start();
    url = await eventuallyTrue(() => urlIn(running.printed.stdout) ?? '');
    await eventuallyTrue(() => running.printed.stdout.includes('Ctrl-C stops'));
    // Prints a command's name, its credentials and its arguments, as the shell passed them.
    const recorder = `#!/bin/sh\nfor each in "$(basename "$0")" "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY" "$@"; do printf '%s\\0' "$each"; done\n`;
    for (const name of ['npm', 'curl', 'aws']) {
      writeFileSync(folder.in(name), recorder);
      chmodSync(folder.in(name), 0o755);
    }
  });
  afterAll(async () => {
    await running.stop();
    folder.remove();
  });

  /** The printed commands, each as a shell runs it. */
  const commands = async () => {
    const [, after = ''] = running.printed.stdout.split('Try:');
    const [block = ''] = after.split('\n\n');
    const env = { PATH: [folder.path, process.env.PATH].join(delimiter) };
    return Promise.all(
      linesOf(block).map(async (line) => {
        const { stdout } = await promisify(execFile)('/bin/sh', ['-c', line.trim()], { env });
        const [program = '', accessKeyId = '', secret = '', ...args] = stdout.split('\0').slice(0, -1);
        return { program, accessKeyId, secret, args };
      }),
    );
  };

  it('prints the address of the page first, which controls the simulator, and serves the API beside it', async () => {
    const [first = ''] = linesOf(running.printed.stdout);
    const address = new URL(/^Open {5}(\S+)$/.exec(first)?.[1] ?? '');
    expect(address.origin).toBe(url);
    const page = await fetch(address);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    const token = address.hash.replace('#token=', '');
    const read = async (route: string) =>
      (await fetch(`${url}/console/${route}`, { headers: { 'x-photo-avatars-token': token } })).json();
    expect(await read('session')).toMatchObject({ service: url, kind: 'local', hasSimulator: true });
    const account = await read('api/account');
    expect(await read('simulator')).toMatchObject({ settings: { credits: expect.any(Number) } });
    expect(account).toEqual(await (await fetch(`${url}/account`)).json());
    expect((await fetch(`${url}/console/session`)).status).toBe(401);
    expect((await fetch(`${url}/account`, { headers: { origin: 'https://evil.example' } })).status).toBe(403);
  });

  it('prints commands of its own command line first, then curl, then aws', async () => {
    expect((await commands()).map(({ program, args: [first, second] }) => [program, first, second])).toEqual([
      ['npm', 'exec', 'photo-avatars'],
      ['npm', 'exec', 'photo-avatars'],
      ['npm', 'exec', 'photo-avatars'],
      ['curl', '-i', `${url}/photo-avatars`],
      ['aws', '--region', 'us-east-1'],
      ['aws', '--region', 'us-east-1'],
      ['aws', '--region', 'us-east-1'],
    ]);
  });

  it('prints commands of its own command line that work', async () => {
    const own = (await commands()).filter(({ program }) => program === 'npm');
    for (const { args } of own) {
      expect(args.slice(0, 3)).toEqual(['exec', 'photo-avatars', '--']);
      const [command = '', ...options] = args.slice(3);
      // Waiting for the pictures takes the simulator ten seconds.
      const given = options.filter((option) => option !== '--wait');
      const result = await runCli([command, ...given, '--json']);
      const document = documentIn(result);
      if (command === 'submit') expect(document).toMatchObject({ charged: 'yes' });
      else if (command === 'list') expect(document).toMatchObject([{ charged: 'yes' }]);
      else expect(document).toMatchObject({ checks: expect.any(Array) });
    }
    expect(own.map(({ args }) => args[3])).toEqual(['submit', 'list', 'doctor']);
  });

  it('prints aws commands that need no variables: region and credentials are in the line', async () => {
    const aws = (await commands()).filter(({ program }) => program === 'aws');
    for (const { accessKeyId, secret, args } of aws) {
      expect([accessKeyId, secret]).toEqual(['local', 'local']);
      const endpoint = args[args.indexOf('--endpoint-url') + 1] ?? '';
      expect((await fetch(endpoint, { method: 'POST' })).status).toBeGreaterThanOrEqual(400);
    }
    const valueAfter = (option: string) => {
      const args = aws.map((each) => each.args).find((each) => each.includes(option)) ?? [];
      return args[args.indexOf(option) + 1] ?? '';
    };
    expect(JSON.parse(valueAfter('--message-body'))).toMatchObject({
      age: 'Adult',
      idempotency_key: expect.any(String),
    });
    const [entry] = z.array(z.object({ Detail: z.string() })).parse(JSON.parse(valueAfter('--entries')));
    expect(JSON.parse(entry?.Detail ?? '')).toMatchObject({ age: 'Adult' });
  });

  it('serves the reference of the API where it says', async () => {
    const [, reference = ''] = /^API: +(\S+)$/m.exec(running.printed.stdout) ?? [];
    expect(reference).toBe(`${url}/docs`);
    expect(await (await fetch(reference)).text()).toContain('<h1>Photo avatars: HTTP API</h1>');
  });

  it('prints the log as short lines, without metrics', async () => {
    await fetch(`${url}/photo-avatars`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    const line = await eventuallyTrue(() =>
      linesOf(running.printed.stdout).find((each) => each.includes('INFO  api')),
    );
    expect(line).toMatch(/^\d\d:\d\d:\d\d INFO {2}api {6}[A-Z]/);
    expect(running.printed.stdout).not.toMatch(/"_aws"|"timestamp"|xray_trace_id/);
  });

  it('shows on the page the alarm that the stack would raise', async () => {
    const [first = ''] = linesOf(running.printed.stdout);
    const token = first.replace(/.*#token=/, '');
    const headers = { 'x-photo-avatars-token': token, 'content-type': 'application/json' };
    const send = (method: string, route: string, body?: unknown) =>
      fetch(`${url}/console/${route}`, {
        method,
        headers,
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
    expect((await send('PATCH', 'simulator/settings', { credits: 0 })).status).toBe(200);
    expect((await send('POST', 'api/photo-avatars', SAMPLE_REQUEST)).status).toBe(402);
    await eventuallyTrue(async () =>
      (await (await send('GET', 'alarms')).text()).includes('"insufficient-credit"'),
    );
    expect((await send('PATCH', 'simulator/settings', { credits: 100 })).status).toBe(200);
  });

  it('says that a port is in use, and to set PORT, and ends', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = z.object({ port: z.number() }).parse(server.address());
    const second = start([], { PORT: String(port) });
    expect(await second.ended).toBe(1);
    expect(second.printed.stderr).toMatch(
      new RegExp(`^Port ${port} is in use\\..*set PORT.*PORT=${port + 1} npm start`),
    );
    expect(linesOf(second.printed.stderr)).toHaveLength(1);
  });
});

it('npm start -- --json prints the log as the functions write it, metrics included, and nothing else', async () => {
  const running = start(['--json']);
  onTestFinished(() => running.stop());
  const url = await eventuallyTrue(() => urlIn(running.printed.stderr) ?? '');
  await fetch(`${url}/photo-avatars`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  await eventuallyTrue(() => linesOf(running.printed.stdout).some((line) => metricsIn(line).length > 0));
  for (const line of linesOf(running.printed.stdout)) expect(JSON.parse(line)).toBeTypeOf('object');
});
