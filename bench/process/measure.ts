import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { FunctionEnvironment } from '../../lambda/shared/environment.ts';
import { LOCAL_ENVIRONMENT } from '../../local/environment.ts';
import { lambdaVariables } from '../../local/functions/lambda-variables.ts';
import type { Endpoints } from '../remote/endpoints.ts';
import { median } from '../statistics.ts';
import { type Variant, variants } from '../variants.ts';
import { limitCpu } from './cpu-share.ts';
import { driverFile } from './driver-file.ts';
import { type Measured, measured } from './measured.ts';

/**
 * A short window shortens the run. The gate's item still has the twenty slots of the full rate.
 */
const WINDOW_SECONDS = 2;

const environmentFor = ({ dynamoDb, secretsManager, joggai, tableName, secretName }: Endpoints) =>
  ({
    ...LOCAL_ENVIRONMENT,
    LEDGER_TABLE: tableName,
    API_KEY_SECRET: secretName,
    JOGGAI_BASE_URL: joggai,
    JOGGAI_WINDOW_SECONDS: String(WINDOW_SECONDS),
    DAILY_CALL_LIMIT: '1000000',
    AWS_ENDPOINT_URL_DYNAMODB: dynamoDb,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager,
    // The certificate of a distant JoggAI is not trusted; Node would warn of it.
    ...(joggai.startsWith('https:') && { NODE_TLS_REJECT_UNAUTHORIZED: '0', NODE_NO_WARNINGS: '1' }),
  }) satisfies FunctionEnvironment & Record<string, string>;

export interface Plan {
  /** Number of processes of each variant. */
  readonly processes: number;
  /** Requests in each process, including the first one. */
  readonly requests: number;
  /** Additional requests after the first one that are not measured. @default 0 */
  readonly discarded?: number;
  /** CPU share of each process once it is ready, between 0 and 1. @default - no limit */
  readonly cpuShareOnceReady?: number;
  /** File for a CPU profile of the measured requests. @default - none */
  readonly profile?: string;
}

/** Measures one process. @throws Error if it fails or does not answer 201 */
export const measureOnce = async (
  variant: Pick<Variant, 'name' | 'entry' | 'code'>,
  endpoints: Endpoints,
  plan: Plan,
): Promise<Measured> => {
  const child = spawn(
    process.execPath,
    [driverFile(), variant.entry, variant.code, String(plan.requests), String(plan.discarded ?? 0)],
    {
      env: lambdaVariables({
        name: variant.name,
        entry: variant.entry,
        environment: {
          ...environmentFor(endpoints),
          ...(plan.profile && { BENCH_PROFILE: plan.profile }),
        },
      }),
      stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
    },
  );
  const results = child.stdio[3];
  if (!(results instanceof Readable)) throw new Error('The measured process has no channel for its results.');
  const exited = once(child, 'exit');
  const lines = createInterface({ input: results })[Symbol.asyncIterator]();
  await lines.next();
  const removeLimit =
    plan.cpuShareOnceReady === undefined ? () => {} : limitCpu(child, plan.cpuShareOnceReady);
  const { value: output = '' } = await lines.next();
  removeLimit();
  const [code] = await exited;
  if (code !== 0) throw new Error(`${variant.name} ended with exit code ${code}. See its error above.`);
  return measured.parse(JSON.parse(output));
};

/**
 * Measures all variants in turn, process by process, so that other load on the machine affects all of them. The first
 * round is discarded: it fills the file system's cache.
 *
 * @throws Error if a process fails or does not answer 201
 */
export const measureVariants = async (
  endpoints: Endpoints,
  plan: Plan,
): Promise<Map<Variant['name'], Measured[]>> => {
  const all = variants();
  const results = new Map<Variant['name'], Measured[]>(all.map(({ name }) => [name, []]));
  for (let round = 0; round <= plan.processes; round += 1) {
    for (const variant of all) {
      const result = await measureOnce(
        variant,
        endpoints,
        round === 0 ? { processes: 1, requests: 1 } : plan,
      );
      if (round > 0) results.get(variant.name)?.push(result);
    }
  }
  return results;
};

/** The median latency of the warm requests in all processes of a variant, in milliseconds. */
export const warmLatency = (
  results: ReadonlyMap<Variant['name'], readonly Measured[]>,
  name: Variant['name'],
): number => median((results.get(name) ?? []).flatMap(({ warmMs }) => warmMs));
