import { DeleteItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { expect } from 'vitest';
import * as z from 'zod';
import { fromItem } from '../../lambda/adapters/aws/dynamodb.ts';
import { createGateStore } from '../../lambda/adapters/gate-store.ts';
import { createLedger } from '../../lambda/adapters/ledger.ts';
import { EMPTY_GATE, type GateWrite } from '../../lambda/domain/gate/gate-rules.ts';
import { type AvatarRecord, avatarRecord, instantOf } from '../../lambda/domain/record/record.ts';
import { PROBLEMS, type ProblemName } from '../../lambda/http/problem.ts';
import { problem } from '../../lambda/views/schemas.ts';
import { type ServiceOptions, startService } from '../../local/service.ts';
import { startSimulator } from '../../local/simulator/simulator.ts';
import { contradictions } from './api-document.ts';
import { API_KEY } from './joggai-client.ts';
import { AVATAR } from './requests.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

const gateItem = { id: { S: 'gate' } };

/**
 * Starts the whole service on real sockets with the JoggAI simulator, and a client for both. Every answer that the client
 * reads must be as docs/openapi.json has it.
 */
export const startRunningService = async (options: Partial<ServiceOptions> = {}) => {
  const simulator = await startSimulator({ settings: { generation: { imageScale: 0.25 } } });
  const logs: string[] = [];
  const service = await startService({
    joggaiBaseUrl: simulator.url,
    apiKey: API_KEY,
    // A scheduled run would change the state under test.
    scheduleEveryMs: Number.POSITIVE_INFINITY,
    onLog: (line) => logs.push(line),
    ...options,
  });
  const { dynamoDb, tableName } = service;

  const call = async (method: string, path: string, init: RequestInit = {}): Promise<Answer> => {
    const response = await fetch(new URL(path, service.url), { method, ...init });
    const text = await response.text();
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    const answer = { status: response.status, headers: response.headers, body };
    expect(
      contradictions(method, path, answer),
      `${method} ${path.slice(0, 200)} as docs/openapi.json has it`,
    ).toEqual([]);
    return answer;
  };
  const sendJson = (
    method: string,
    path: string,
    value: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> =>
    call(method, path, {
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof value === 'string' ? value : JSON.stringify(value),
    });

  return {
    service,
    simulator,
    logs,
    call,
    sendJson,
    /** Requests a photo avatar. */
    post: (value: unknown = AVATAR, headers?: Record<string, string>, path = '/photo-avatars') =>
      sendJson('POST', path, value, headers),
    charges: () => simulator.control.state().charges,
    paidCalls: () => simulator.control.state().calls.filter(({ method }) => method === 'POST'),
    /** All records in the ledger. */
    async records() {
      const { Items = [] } = await dynamoDb.send(
        new ScanCommand({ TableName: tableName, ConsistentRead: true }),
      );
      // The same table holds the gate and the account's notes.
      return Items.filter((item) => item.status).map((item) => avatarRecord.parse(fromItem(item)));
    },
    /** Makes a record due now, to avoid waiting for its due time, and changes these fields. */
    async makeDue(id: string, fields: Partial<AvatarRecord> = {}) {
      const ledger = createLedger({ client: dynamoDb, tableName });
      const record = await ledger.get(id);
      if (!record) throw new Error(`There is no record ${id}.`);
      const next = { ...record, dueAt: instantOf(Date.now()), ...fields, version: record.version + 1 };
      expect(await ledger.replace(next)).toEqual({ kind: 'stored' });
    },
    /** Sets a gate state that would take long to reach. */
    async setGate(write: Omit<GateWrite, 'dependsOn'>) {
      await dynamoDb.send(new DeleteItemCommand({ TableName: tableName, Key: gateItem }));
      const store = createGateStore(dynamoDb, tableName);
      await store.write({ ...write, dependsOn: { slots: [0], account: true } }, EMPTY_GATE);
    },
    /** Resets JoggAI and the gate. */
    async reset() {
      simulator.control.reset();
      await dynamoDb.send(new DeleteItemCommand({ TableName: tableName, Key: gateItem }));
    },
    async close() {
      await service.close();
      await simulator.close();
    },
  };
};

export type RunningService = Awaited<ReturnType<typeof startRunningService>>;

/** Checks that the answer is the problem of that name, in the common form of all problems, and returns it. */
export const expectProblem = ({ status, headers, body }: Answer, name: ProblemName) => {
  expect(headers.get('content-type')).toBe('application/problem+json');
  const read = problem.parse(body);
  expect(read).toMatchObject({
    type: `urn:photo-avatars:problem:${name}`,
    title: PROBLEMS[name].title,
    status,
    detail: expect.stringMatching(/.{10}/),
  });
  expect(status).toBe(PROBLEMS[name].status);
  return read;
};

const viewSchema = z.looseObject({
  id: z.string(),
  status: z.string(),
  charged: z.string(),
  photo_id: z.string().optional(),
  attempts: z.int(),
});

/** The record in the body of an answer. */
export const recordIn = ({ body }: Pick<Answer, 'body'>) => viewSchema.parse(body);
