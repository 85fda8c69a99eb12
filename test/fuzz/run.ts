/**
 * Runs Schemathesis, a fuzzer of HTTP APIs, against the service on this machine and its description. `npm run fuzz` lets
 * Node accept long headers: a parameter of its maximum length, escaped, exceeds Node's own limit.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROUTES } from '../../lambda/shared/routes.ts';
import { matchRoute } from '../../local/emulators/http-api-event.ts';
import { startService } from '../../local/service.ts';
import { startSimulator } from '../../local/simulator/simulator.ts';
import { runCommand } from '../support/process.ts';
import { installPythonPackages } from '../support/python-packages.ts';
import { fillLedger } from './records.ts';

const PACKAGES = ['schemathesis==4.32.5', 'hypothesis==6.170.15'] as const;

const API_KEY = 'fuzz-key';
const AUTHORIZATION = 'Bearer fuzz';

/** A run takes about 40 seconds on an idle machine: only a hang exceeds this limit. */
const MAX_MS = 10 * 60_000;

const root = fileURLToPath(new URL('../..', import.meta.url));
const signal = AbortSignal.timeout(MAX_MS);
const env = { ...process.env, NO_COLOR: '1' };
const scratch = await mkdtemp(join(tmpdir(), 'photo-avatars-fuzz-'));

/** The settings, with the ids of real records: random ones would only ever be answered 404. */
const writeSettings = async (dictionaries: Readonly<Record<string, readonly string[]>>): Promise<string> => {
  const settings = await readFile(new URL('schemathesis.toml', import.meta.url), 'utf8');
  const path = join(scratch, 'schemathesis.toml');
  const added = Object.entries(dictionaries).map(
    ([name, values]) => `\n[dictionaries.${name}]\nvalues = ${JSON.stringify(values)}\n`,
  );
  await writeFile(path, [settings, ...added].join(''));
  return path;
};

console.log('Installing Schemathesis, unless it is installed.');
const commands = await installPythonPackages(
  { name: 'photo-avatars-fuzz', packages: PACKAGES, purpose: 'Schemathesis is a Python package.' },
  { env, cwd: root, signal },
);
const simulator = await startSimulator({
  settings: {
    apiKeys: [API_KEY],
    credits: 1e6,
    rate: { limit: 1_000 },
    generation: { durationMs: 0, imageScale: 0.25 },
  },
});
const logs: string[] = [];
/** The answers by route and status. */
const answers = new Map<string, number>();
const service = await startService({
  joggaiBaseUrl: simulator.url,
  apiKey: API_KEY,
  onLog: (line) => logs.push(line),
  environment: { JOGGAI_CALLS_PER_WINDOW: '200', DAILY_CALL_LIMIT: '100000' },
  // A scheduled run would submit the queued requests that can be cancelled.
  scheduleEveryMs: Number.POSITIVE_INFINITY,
  // As the authorizer of API Gateway does for a token. The service on one machine takes every caller.
  authorize: (_route, { headers: { authorization } }) =>
    authorization === AUTHORIZATION
      ? { jwt: { claims: { iss: 'https://login.example.com', sub: 'fuzz' }, scopes: [] } }
      : 401,
  front: async ({ method = '', url = '' }, response) => {
    const route = matchRoute(ROUTES, method, url.split('?')[0] ?? '')?.routeKey;
    response.once('finish', () => {
      const key = `${route ?? 'another route'}: ${response.statusCode}`;
      answers.set(key, (answers.get(key) ?? 0) + 1);
    });
    return false;
  },
});
try {
  const records = await fillLedger(service, simulator, { authorization: AUTHORIZATION });
  answers.clear();
  const config = await writeSettings({ ...records });
  const { exitCode, output } = await runCommand(
    join(commands, 'schemathesis'),
    ['--config-file', config, 'run', join(root, 'docs/openapi.json'), '--url', service.url],
    // Hypothesis writes into the current folder.
    { env, cwd: scratch, signal },
  );
  console.log(output.trimEnd());
  console.log('\nAnswers by route and status:');
  for (const [key, count] of [...answers].toSorted()) console.log(`  ${key} (${count} times)`);
  const unmet = ROUTES.filter((route) => ![...answers.keys()].some((key) => key.startsWith(`${route}: 2`)));
  const unhandled = logs.filter((line) => line.includes('"Request failed"'));
  for (const line of unhandled.slice(0, 5)) console.error(`Unhandled error: ${line.slice(0, 1_000)}`);
  for (const route of unmet) console.error(`Never answered with success: ${route}`);
  process.exitCode = exitCode === 0 && unhandled.length === 0 && unmet.length === 0 ? 0 : 1;
} finally {
  await service.close();
  await simulator.close();
  await rm(scratch, { recursive: true, force: true });
}
