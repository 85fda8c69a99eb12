import { createLedger } from '../../lambda/adapters/ledger.ts';
import { instantOf } from '../../lambda/domain/record/record.ts';
import { SAMPLE_REQUEST } from '../sample-request.ts';
import type { RunningServer } from '../server.ts';
import { type FunctionName, type LocalService, type ServiceOptions, startService } from '../service.ts';
import { startSimulator } from '../simulator/simulator.ts';
import { createMeter, type EndpointVariable, type Reading, SERVICES } from './meter.ts';

export interface MeteredOptions extends Pick<ServiceOptions, 'environment' | 'dataDirectory'> {
  /** The module of each function. @default - its source */
  readonly entryOf?: (name: FunctionName) => string;
  /** Of each answer of DynamoDB. @default 0 */
  readonly dynamoDbMs?: number;
  /** Of each invocation of a function. @default - as deployed */
  readonly timeoutMs?: number;
}

/** What a part of a run cost: calls to AWS and JoggAI, and what the functions printed. */
export interface Cost extends Reading {
  readonly joggaiCalls: number;
  /** Of all log lines, without Lambda's own. */
  readonly logBytes: number;
}

const API_KEY = 'metered-key';

/** Starts the whole service with a meter between its functions and AWS, and a JoggAI whose clock can be advanced. */
export const startMeteredService = async (options: MeteredOptions = {}) => {
  const { entryOf, dynamoDbMs = 0, timeoutMs, environment = {}, dataDirectory } = options;
  let passedMs = 0;
  let logBytes = 0;
  const simulator = await startSimulator({
    settings: { apiKeys: [API_KEY], credits: 1_000_000, rate: { limit: 1_000_000 } },
    now: () => Date.now() + passedMs,
  });
  const meter = createMeter();
  const endpoints: RunningServer[] = [];
  const variables = Object.keys(SERVICES) as EndpointVariable[];
  let service: LocalService;
  try {
    service = await startService({
      joggaiBaseUrl: simulator.url,
      apiKey: API_KEY,
      scheduleEveryMs: Number.POSITIVE_INFINITY,
      environment,
      dataDirectory,
      onLog: (line) => {
        logBytes += Buffer.byteLength(line);
      },
      prepare: async (name, setup) => {
        const metered = { ...setup.environment };
        for (const variable of variables) {
          const target = setup.environment[variable] ?? '';
          const latencyMs = variable === 'AWS_ENDPOINT_URL_DYNAMODB' ? dynamoDbMs : 0;
          const endpoint = await meter.start(variable, target, latencyMs);
          endpoints.push(endpoint);
          metered[variable] = endpoint.url;
        }
        return {
          ...setup,
          entry: entryOf?.(name) ?? setup.entry,
          environment: metered,
          ...(timeoutMs && { timeoutMs }),
        };
      },
    });
  } catch (error) {
    await simulator.close();
    throw error;
  }
  const ledger = createLedger({ client: service.dynamoDb, tableName: service.tableName });
  let joggaiCalls = 0;

  return {
    service,
    simulator,
    ledger,
    /** Time passes at JoggAI. */
    advance: (milliseconds: number): void => {
      passedMs += milliseconds;
    },
    /** Makes a record due now, to avoid waiting. This is not metered. */
    makeDue: async (id: string): Promise<void> => {
      const record = await ledger.get(id);
      if (!record) throw new Error(`There is no record ${id}.`);
      await ledger.replace({ ...record, dueAt: instantOf(Date.now()), version: record.version + 1 });
    },
    /** Requests an avatar over HTTP. @returns the id of its record */
    submit: async (): Promise<string> => {
      const answer = await fetch(`${service.url}/photo-avatars`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(SAMPLE_REQUEST),
      });
      const body: { readonly id?: string } = JSON.parse(await answer.text());
      if (answer.status !== 201 || !body.id) throw new Error(`The answer is ${answer.status}, not 201.`);
      return body.id;
    },
    /** Delivers requests to intake as one batch of new messages. */
    deliver: async (requests: readonly object[], name: string): Promise<void> => {
      await service.intake.invoke({
        Records: requests.map((request, index) => ({
          messageId: `${name}-${index}`,
          body: JSON.stringify(request),
          attributes: { ApproximateReceiveCount: '1' },
          eventSourceARN: service.queueArn,
        })),
      });
    },
    /** What was counted since the last call of this function. */
    take(): Cost {
      const calls = simulator.control.state().calls.length;
      const cost = { ...meter.take(), joggaiCalls: calls - joggaiCalls, logBytes };
      joggaiCalls = calls;
      logBytes = 0;
      return cost;
    },
    async close() {
      await service.close();
      for (const endpoint of endpoints) await endpoint.close();
      await simulator.close();
    },
  };
};

export type MeteredService = Awaited<ReturnType<typeof startMeteredService>>;
