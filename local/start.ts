import { parseArgs } from 'node:util';
import { REQUEST_DETAIL_TYPE } from '../lambda/shared/event-names.ts';
import { readableLine } from './log-lines.ts';
import { SAMPLE_REQUEST } from './sample-request.ts';
import type { LocalService } from './service.ts';
import { startServiceWithPage } from './service-with-page.ts';
import { startSimulator } from './simulator/simulator.ts';

const USAGE = `npm start [-- --data DIR] [-- --json]

  --data DIR, DATA_DIR     store the ledger in this directory; default: in memory
  --json                   print the log as the functions write it: JSON lines, with metrics
  PORT                     port of the page and the HTTP API; default: 3000
  JOGGAI_API_KEY           call the real JoggAI with this key: this costs credits
  JOGGAI_BASE_URL          call this server instead of JoggAI or the simulator
  AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL_SECRETS_MANAGER, AWS_ENDPOINT_URL_SQS, AWS_ENDPOINT_URL_EVENTBRIDGE,
  AWS_ENDPOINT_URL_S3
                           use these endpoints instead of the embedded emulators`;

const SIMULATOR_KEY = 'simulator-key';

const readOptions = () => {
  const { values } = parseArgs({
    options: { data: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  const port = Number(process.env.PORT ?? 3000);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`PORT is "${process.env.PORT}"; it must be a port number.`);
  }
  const { help = false, json = false, data = process.env.DATA_DIR } = values;
  return { help, json, dataDirectory: data, port };
};

const REQUEST = JSON.stringify(SAMPLE_REQUEST);

/** The emulators take any credentials. Version 1 of the AWS CLI reads the region only from this option or AWS_DEFAULT_REGION. */
const AWS = 'AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local aws --region us-east-1';

/** A command for each trigger. docs/triggers.md lists all of them. */
const examples = ({ url, sqsUrl, queueUrl, eventsUrl, lambdaUrl }: LocalService): string => {
  const entry = { Source: 'my.shop', DetailType: REQUEST_DETAIL_TYPE, Detail: REQUEST };
  const named = REQUEST.replace('{', '{"idempotency_key":"first-message",');
  const { age, avatar_style, gender, model, aspect_ratio } = SAMPLE_REQUEST;
  const options = `--age ${age} --style ${avatar_style} --gender ${gender} --model ${model} --ratio ${aspect_ratio}`;
  const cli = 'npm exec photo-avatars --';
  return [
    `${cli} submit ${options} --wait --url ${url}`,
    `${cli} list --url ${url}`,
    `${cli} doctor --url ${url}`,
    `curl -i ${url}/photo-avatars -H 'content-type: application/json' -H 'idempotency-key: first-try' -d '${REQUEST}'`,
    `${AWS} --endpoint-url ${sqsUrl} sqs send-message --queue-url ${queueUrl} --message-body '${named}'`,
    `${AWS} --endpoint-url ${eventsUrl} events put-events --entries '${JSON.stringify([entry])}'`,
    `${AWS} --endpoint-url ${lambdaUrl} lambda invoke --function-name dispatch /dev/stdout`,
  ].join('\n         ');
};

const start = async (options: ReturnType<typeof readOptions>): Promise<LocalService> => {
  const { JOGGAI_API_KEY, JOGGAI_BASE_URL } = process.env;
  const simulator =
    JOGGAI_API_KEY || JOGGAI_BASE_URL
      ? undefined
      : await startSimulator({ settings: { apiKeys: [SIMULATOR_KEY], generation: { durationMs: 10_000 } } });
  const joggaiBaseUrl = JOGGAI_BASE_URL ?? simulator?.url ?? 'https://api.jogg.ai';
  const service = await startServiceWithPage({
    joggaiBaseUrl,
    apiKey: JOGGAI_API_KEY ?? SIMULATOR_KEY,
    simulatorUrl: simulator?.url,
    onLog: (line) => {
      const shown = options.json ? line : readableLine(line);
      if (shown !== undefined) console.log(shown);
    },
    dataDirectory: options.dataDirectory,
    port: options.port,
    endpoints: process.env,
  }).catch(async (error: unknown) => {
    // It would keep the process alive.
    await simulator?.close();
    throw error;
  });
  // With `--json`, standard output has only the log.
  const print = options.json ? console.error : console.log;
  print(`
Open     ${service.pageAddress}

Photo avatars at ${service.url}, without authentication, on 127.0.0.1 only.
JoggAI:  ${simulator ? `the simulator at ${joggaiBaseUrl} (controls: ${joggaiBaseUrl}/_simulator)` : `${joggaiBaseUrl}, every accepted request costs credits`}
API:     ${service.url}/docs
Ledger:  ${options.dataDirectory ?? 'in memory (use --data DIR to store it)'}. Copies of images are in memory.

Try:     ${examples(service)}

Dispatch runs every minute. Ctrl-C stops the service after the running invocations; a second Ctrl-C stops it at once.
`);
  return {
    ...service,
    close: async () => {
      await service.close();
      await simulator?.close();
    },
  };
};

const isPortInUse = (error: unknown): error is { readonly port: number } =>
  error instanceof Error && 'code' in error && error.code === 'EADDRINUSE' && 'port' in error;

try {
  const options = readOptions();
  if (options.help) {
    console.log(USAGE);
  } else {
    const service = await start(options);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => service.close());
  }
} catch (error) {
  if (isPortInUse(error)) {
    console.error(
      `Port ${error.port} is in use. Stop what uses it, or set PORT to another one: PORT=${error.port + 1} npm start`,
    );
  } else {
    console.error(error instanceof Error ? error.message : error);
    console.error(`\n${USAGE}`);
  }
  process.exitCode = 1;
}
