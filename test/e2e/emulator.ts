import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { collectOutput, lastLines } from '../support/process.ts';
import { type AwsAddress, type Credentials, createAws } from './aws.ts';

/** A running, empty AWS emulator for one test run. */
export interface Emulator extends AwsAddress {
  /** Credentials of the root user of the account. */
  readonly credentials: Credentials;
  /** Endpoint, certificate and credentials, as environment variables for another process. */
  readonly environment: Readonly<Record<string, string>>;
  /** The output so far. */
  log(): string;
  /** Stops the emulator and its functions. Idempotent. */
  stop(): Promise<void>;
}

export interface EmulatorOptions {
  /** Path of the MiniStack command. */
  readonly command: string;
  /** Folder for all files of the emulator. */
  readonly directory: string;
  /** The `PATH` of the emulator: the first `node` in it runs the functions. */
  readonly path: string;
}

/** Exceeded only by a start that hangs. */
const START_SECONDS = 300;

/** Dummy access keys. */
const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };

/**
 * Starts MiniStack with TLS, which the template's policies require, and with IAM enforced, which limits the functions
 * to what their roles allow.
 *
 * @throws Error with the output if the emulator does not start
 */
export const startEmulator = async ({ command, directory, path }: EmulatorOptions): Promise<Emulator> => {
  await mkdir(directory, { recursive: true });
  // MiniStack runs functions by a CommonJS script in this folder: a package.json in a parent folder must not apply.
  await writeFile(join(directory, 'package.json'), '{"type":"commonjs"}\n');
  const port = await freePort();
  const certificatePath = join(directory, 'ministack-tls', 'server.crt');
  const child = spawn(command, {
    // The functions inherit this environment: further variables could add other certificate authorities.
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
    // A separate process group, so that a signal also stops the functions.
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
    const timer = new AbortController();
    await Promise.race([ended, setTimeout(5_000, undefined, { signal: timer.signal }).catch(() => {})]);
    timer.abort();
    if (child.pid !== undefined && isRunning()) process.kill(-child.pid, 'SIGKILL');
    await ended;
  };

  const url = `https://localhost:${port}`;
  const region = 'us-east-1';
  for (let attempt = 0; attempt < START_SECONDS * 5; attempt += 1) {
    await setTimeout(200);
    if (!isRunning()) break;
    const certificate = await readFile(certificatePath, 'utf8').catch(() => '');
    if (!certificate || !(await isHealthy({ url, region, certificate }))) continue;
    const environment = {
      AWS_ENDPOINT_URL: url,
      AWS_CA_BUNDLE: certificatePath,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      // Excludes the AWS configuration of the user.
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_EC2_METADATA_DISABLED: 'true',
    };
    return { url, region, certificate, credentials: CREDENTIALS, environment, log, stop };
  }
  await stop();
  throw new Error(
    `The AWS emulator did not start (it requires openssl to create its certificate):\n${lastLines(log())}`,
  );
};

const isHealthy = async (address: AwsAddress): Promise<boolean> => {
  const request = { service: 's3', method: 'GET', path: '/_ministack/health' };
  try {
    return (await createAws(address).send(request)).status === 200;
  } catch {
    return false;
  }
};

/** A port that is free now: MiniStack does not report the port that it uses, so it cannot choose one. */
const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('No free port was found.');
  return address.port;
};
