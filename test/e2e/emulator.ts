import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type AwsAddress, type Credentials, createAws } from './aws.ts';
import { collectOutput, lastLines } from './process.ts';

/** A running AWS emulator, for one test run, with nothing in it. */
export interface Emulator extends AwsAddress {
  /** Of the account's root user. */
  readonly credentials: Credentials;
  /** What a client of another process needs in its environment to find it, to trust it and to be let in. */
  readonly environment: Readonly<Record<string, string>>;
  /** What it printed. */
  log(): string;
  /** Ends it and the functions that it runs. Safe to call more than once. */
  stop(): Promise<void>;
}

export interface EmulatorOptions {
  /** Path of MiniStack's command. */
  readonly command: string;
  /** Folder for everything that it writes. */
  readonly directory: string;
  /** Where it finds its commands: the first `node` runs the functions. */
  readonly path: string;
}

/** Only a start that hangs takes so long. */
const START_SECONDS = 300;

/** Access keys of no account in the world. */
const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };

/**
 * Starts MiniStack with TLS, because the template's policies refuse everything else, and with IAM enforced: the
 * functions may do what their roles allow, and nothing more.
 *
 * @throws Error with what it printed when it does not come up
 */
export const startEmulator = async ({ command, directory, path }: EmulatorOptions): Promise<Emulator> => {
  await mkdir(directory, { recursive: true });
  // It runs functions by a CommonJS script in its temporary folder, which a package.json further up may contradict.
  await writeFile(join(directory, 'package.json'), '{"type":"commonjs"}\n');
  const port = await freePort();
  const certificatePath = join(directory, 'ministack-tls', 'server.crt');
  const child = spawn(command, {
    // Nothing else of this process's environment: the functions inherit it, and would trust other authorities.
    env: {
      PATH: path,
      HOME: directory,
      AUTH: 'true',
      USE_SSL: '1',
      LAMBDA_EXECUTOR: 'local',
      GATEWAY_PORT: String(port),
      BIND_HOST: '127.0.0.1',
      TMPDIR: directory,
      S3_DATA_DIR: join(directory, 's3'),
      STATE_DIR: join(directory, 'state'),
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that the functions it runs end with it.
    detached: true,
  });
  const log = collectOutput(child);
  const ended = once(child, 'close').then(
    () => undefined,
    () => undefined,
  );
  const isRunning = () => child.exitCode === null && child.signalCode === null && child.pid !== undefined;
  const stop = async () => {
    if (child.pid !== undefined && isRunning()) process.kill(-child.pid, 'SIGTERM');
    const patience = new AbortController();
    await Promise.race([ended, setTimeout(5_000, undefined, { signal: patience.signal }).catch(() => {})]);
    patience.abort();
    if (child.pid !== undefined && isRunning()) process.kill(-child.pid, 'SIGKILL');
    await ended;
  };

  const url = `https://localhost:${port}`;
  const region = 'us-east-1';
  for (let attempt = 0; attempt < START_SECONDS * 5; attempt += 1) {
    await setTimeout(200);
    if (!isRunning()) break;
    const certificate = await readFile(certificatePath, 'utf8').catch(() => '');
    if (!certificate || !(await answers({ url, region, certificate }))) continue;
    const environment = {
      AWS_ENDPOINT_URL: url,
      AWS_CA_BUNDLE: certificatePath,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      // Nothing of the user's own.
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_EC2_METADATA_DISABLED: 'true',
    };
    return { url, region, certificate, credentials: CREDENTIALS, environment, log, stop };
  }
  await stop();
  throw new Error(
    `The AWS emulator did not start (it needs openssl for its certificate):\n${lastLines(log())}`,
  );
};

const answers = async (address: AwsAddress): Promise<boolean> => {
  const request = { service: 's3', method: 'GET', path: '/_ministack/health' };
  try {
    return (await createAws(address).send(request)).status === 200;
  } catch {
    return false;
  }
};

/** Free now: MiniStack cannot be asked which one it took. */
const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('There is no free port.');
  return address.port;
};
