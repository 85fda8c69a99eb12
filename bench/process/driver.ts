/**
 * The process of a measured function. Arguments: entry, code, number of requests, number of discarded requests.
 * Loads the function as Lambda's runtime does, from an ES module, and runs the handler. Writes one line to file
 * descriptor 3 when the function is ready, and then the result as JSON: stdout is for the handler's log. Writes a CPU
 * profile of the measured requests to the file in BENCH_PROFILE. The driver is bundled and imports nothing that takes
 * time to load.
 */
import { writeFileSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { SAMPLE_REQUEST } from '../../local/sample-request.ts';
import type { Measured } from './measured.ts';

const [, , entry = '', code = '', requests = '1', discarded = '0'] = process.argv;

const REMAINING_MS = 29_000;

const body = JSON.stringify({ ...SAMPLE_REQUEST, background: 'A bright office with plants' });

/** API Gateway's payload format 2.0. */
const createEvent = () => ({
  version: '2.0',
  routeKey: 'POST /photo-avatars',
  rawPath: '/photo-avatars',
  rawQueryString: '',
  headers: { 'content-type': 'application/json', 'content-length': String(body.length) },
  requestContext: {
    accountId: '000000000000',
    apiId: 'bench',
    authorizer: { iam: { userArn: 'arn:aws:iam::000000000000:user/bench' } },
    domainName: 'bench.execute-api.us-east-1.amazonaws.com',
    domainPrefix: 'bench',
    http: {
      method: 'POST',
      path: '/photo-avatars',
      protocol: 'HTTP/1.1',
      sourceIp: '192.0.2.1',
      userAgent: 'bench',
    },
    requestId: 'bench',
    routeKey: 'POST /photo-avatars',
    stage: '$default',
    time: '22/Nov/2026:18:16:00 +0000',
    timeEpoch: Date.now(),
  },
  body,
  isBase64Encoded: false,
});

const createContext = (index: number) => {
  const deadline = Date.now() + REMAINING_MS;
  return {
    awsRequestId: `request-${index}`,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:api:http',
    memoryLimitInMB: '512',
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
};

const cpuMs = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1_000;

/** Starts a CPU profile. @returns writes it to the file */
const startProfile = async (file: string): Promise<() => Promise<void>> => {
  const { Session } = process.getBuiltinModule('node:inspector/promises');
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 100 });
  await session.post('Profiler.start');
  return async () => {
    const { profile } = await session.post('Profiler.stop');
    writeFileSync(file, JSON.stringify(profile));
  };
};

const measure = async (): Promise<Measured> => {
  const require = createRequire(entry);
  const importStart = performance.now();
  require(code);
  const importedMs = performance.now();
  const { handler } = entry === code ? require(code) : await import(pathToFileURL(entry).href);
  const readyMs = performance.now();
  writeSync(3, '{}\n');

  /** Measures one request in milliseconds. @throws Error unless it is charged and recorded */
  const run = async (index: number): Promise<number> => {
    const event = createEvent();
    const context = createContext(index);
    const start = performance.now();
    const response = await handler(event, context);
    const elapsed = performance.now() - start;
    if (response?.statusCode !== 201) {
      throw new Error(`The handler did not return 201 but ${JSON.stringify(response)}`);
    }
    return elapsed;
  };

  await run(0);
  const firstAnswerMs = performance.now();
  const firstAnswerCpuMs = cpuMs(process.cpuUsage());
  for (let index = 1; index <= Number(discarded); index += 1) await run(index);
  const endProfile = process.env.BENCH_PROFILE && (await startProfile(process.env.BENCH_PROFILE));
  const cpuBefore = process.cpuUsage();
  const warmMs: number[] = [];
  for (let index = 1; index < Number(requests); index += 1) warmMs.push(await run(Number(discarded) + index));
  const warmCpuMs = cpuMs(process.cpuUsage(cpuBefore));
  if (endProfile) await endProfile();
  return {
    importMs: importedMs - importStart,
    readyMs,
    firstAnswerMs,
    firstAnswerCpuMs,
    warmMs,
    warmCpuMs: warmCpuMs / Math.max(1, warmMs.length),
  };
};

measure().then(
  (measured) => {
    writeSync(3, JSON.stringify(measured));
    // Keep-alive connections would keep the process running.
    process.exit();
  },
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
