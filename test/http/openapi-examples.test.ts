import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { REQUEST_EXAMPLES } from '../../lambda/http/openapi/examples.ts';
import type { RouteKey } from '../../lambda/shared/routes.ts';
import { OPERATIONS, schemaErrors } from '../support/api-document.ts';
import {
  type Answer,
  type RunningService,
  recordIn,
  startRunningService,
} from '../support/running-service.ts';

const { minimal, full, close, resubmit, pause_account, resume_account, nothing } = REQUEST_EXAMPLES;

describe.each([...OPERATIONS])('the examples of %s', (_, { parameters, requestBody, responses }) => {
  const bodies = [requestBody, ...Object.values(responses)].flatMap((each) =>
    Object.values(each?.content ?? {}),
  );

  it('are there for each parameter and each body', () => {
    for (const { example, name } of parameters) expect(example, name).toBeDefined();
    for (const { example, examples } of bodies) {
      expect(Object.keys(examples).length + (example === undefined ? 0 : 1)).toBeGreaterThan(0);
    }
  });

  it('are valid', () => {
    for (const { schema, example } of parameters) expect(schemaErrors(schema, example)).toEqual([]);
    for (const { schema, example, examples } of bodies) {
      const values = Object.values(examples).map(({ value }) => value);
      for (const value of example === undefined ? values : [...values, example]) {
        expect(schemaErrors(schema, value), JSON.stringify(value)).toEqual([]);
      }
    }
  });
});

/** The names of all fields at any depth. Elements of a list count as one. */
const fieldsOf = (value: unknown, path = ''): string[] => {
  if (Array.isArray(value)) return [...new Set(value.flatMap((each) => fieldsOf(each, `${path}[]`)))];
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, each]) => fieldsOf(each, `${path}.${name}`));
};

const exampleOf = (route: RouteKey, status: number, name: string): unknown =>
  OPERATIONS.get(route)?.responses[status]?.content['application/json']?.examples[name]?.value;

describe('the service answers an example with the fields of an example:', () => {
  let running: RunningService;
  beforeAll(async () => {
    running = await startRunningService();
    // Checks the account, so that its state has the credits.
    await running.service.triggerDispatch();
  });
  beforeEach(() => running.reset());
  afterAll(() => running.close());

  const expectExample = (answer: Answer, route: RouteKey, status: number, name: string) => {
    expect(answer.status).toBe(status);
    const example = exampleOf(route, status, name);
    expect([...new Set(fieldsOf(answer.body))].toSorted(), name).toEqual(fieldsOf(example).toSorted());
    expect(Object(answer.body).actions, name).toEqual(Object(example).actions);
  };

  const send = (route: RouteKey, value?: object, id = '', headers: Record<string, string> = {}) => {
    const [method = '', path = ''] = route.split(' ');
    const target = path.replace('{id}', id);
    return value === undefined
      ? running.call(method, target, { headers })
      : running.sendJson(method, target, value, headers);
  };

  const POST = 'POST /photo-avatars';
  const queue = async () => recordIn(await send(POST, minimal.value, '', { prefer: 'respond-async' })).id;

  /** A record that failed, by a code that does not say whether JoggAI charged. */
  const fail = async () => {
    running.simulator.control.addFault({ kind: 'code', code: 50_000, msg: 'internal error' });
    const { body } = await send(POST, minimal.value);
    return recordIn({ body: Object(body).record }).id;
  };

  it('a request with the required fields', async () => {
    const headers = { 'idempotency-key': 'required-fields' };
    expectExample(await send(POST, minimal.value, '', headers), POST, 201, 'generating');
  });

  it('a request with all fields', async () => {
    const { status, body } = await send(POST, full.value);
    expect([status, Object(body).request]).toEqual([201, full.value]);
  });

  it('a request that need not wait', async () => {
    const answer = await send(POST, minimal.value, '', { prefer: 'respond-async' });
    expectExample(answer, POST, 202, 'queued');
    const GET = 'GET /photo-avatars/{id}';
    expectExample(await send(GET, undefined, recordIn(answer).id), GET, 200, 'waiting');
  });

  it('a dry run', async () => {
    const answer = await running.post(minimal.value, {}, '/photo-avatars?dry_run=true');
    expectExample(answer, POST, 200, 'dry_run');
  });

  it('a generation that is done, also as a replay and after a refresh', async () => {
    running.simulator.control.configure({ generation: { durationMs: 0 } });
    const headers = { 'idempotency-key': 'examples' };
    const { id } = recordIn(await send(POST, minimal.value, '', headers));
    const REFRESH = 'POST /photo-avatars/{id}/refresh';
    expect((await send(REFRESH, undefined, id)).status).toBe(200);
    await running.service.triggerDispatch();
    const GET = 'GET /photo-avatars/{id}';
    expectExample(await send(GET, undefined, id), GET, 200, 'succeeded');
    expectExample(await send(REFRESH, undefined, id), REFRESH, 200, 'succeeded');
    const replayed = await send(POST, minimal.value, '', headers);
    expect([replayed.status, replayed.headers.get('idempotency-replayed')]).toEqual([200, 'true']);
  });

  it('a list', async () => {
    await queue();
    await queue();
    const answer = await running.call('GET', '/photo-avatars?status=queued&limit=1');
    expectExample(answer, 'GET /photo-avatars', 200, 'list');
  });

  it('a cancellation with a body and without, and the erasure of what was cancelled', async () => {
    const CANCEL = 'POST /photo-avatars/{id}/cancellation';
    const ERASE = 'DELETE /photo-avatars/{id}';
    const id = await queue();
    expectExample(await send(CANCEL, nothing.value, id), CANCEL, 200, 'cancelled');
    expectExample(await send(CANCEL, undefined, id), CANCEL, 200, 'cancelled');
    await running.service.triggerDispatch();
    expectExample(await send(ERASE, nothing.value, id), ERASE, 202, 'erasing');
    await running.service.triggerDispatch();
    expectExample(await send(ERASE, undefined, id), ERASE, 200, 'erased');
  });

  it('both resolutions', async () => {
    const RESOLVE = 'POST /photo-avatars/{id}/resolution';
    expectExample(await send(RESOLVE, close.value, await fail()), RESOLVE, 200, 'closed');
    const resubmitted = await send(RESOLVE, resubmit.value, await fail());
    expect([resubmitted.status, recordIn(resubmitted).status]).toEqual([200, 'queued']);
  });

  it('the account, paused and open', async () => {
    const PATCH = 'PATCH /account';
    expectExample(await send(PATCH, pause_account.value), PATCH, 200, 'paused_account');
    expectExample(await send('GET /account'), 'GET /account', 200, 'paused_account');
    expectExample(await send(PATCH, resume_account.value), PATCH, 200, 'account');
  });

  it('the document', async () => {
    expect(await send('GET /openapi.json')).toMatchObject({ status: 200, body: { openapi: '3.1.0' } });
  });
});
