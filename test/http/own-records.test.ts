import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { Authorizer } from '../../lambda/http/event.ts';
import { HTTP_ALIAS, OWN_RECORD_ROUTES, type RouteKey } from '../../lambda/shared/routes.ts';
import { httpEvent } from '../support/http-event.ts';
import { AVATAR } from '../support/requests.ts';
import {
  type Answer,
  expectProblem,
  type RunningService,
  startRunningService,
} from '../support/running-service.ts';

const session = (role: string, name: string): Authorizer => ({
  iam: { userArn: `arn:aws:sts::000000000000:assumed-role/${role}/${name}` },
});
const SHOP = session('shop', 'one');
const OTHER = session('other', 'one');
const UNKNOWN_ID = '0198c5f2-7a1e-7c3a-9d4e-2b6f8a1c3d5e';

const response = z.object({
  statusCode: z.int(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
});

/** Sends a request as this caller, as API Gateway does. */
const callAs =
  (running: RunningService) =>
  async (
    authorizer: Authorizer,
    routeKey: RouteKey,
    { id, body, key }: { id?: string; body?: unknown; key?: string } = {},
  ): Promise<Answer & { readonly body: Record<string, unknown> }> => {
    const event = {
      ...httpEvent({
        authorizer,
        routeKey,
        headers: { 'content-type': 'application/json', ...(key !== undefined && { 'idempotency-key': key }) },
        body: body === undefined ? undefined : JSON.stringify(body),
      }),
      ...(id !== undefined && { pathParameters: { id } }),
    };
    const answered = response.parse(await running.service.api.invoke(event, HTTP_ALIAS));
    return {
      status: answered.statusCode,
      headers: new Headers(answered.headers),
      body: JSON.parse(answered.body),
    };
  };

const GET = 'GET /photo-avatars/{id}';
const GET_OF_ALL = 'GET /all-callers/photo-avatars/{id}';

describe('with ownRecordsOnly', () => {
  let running: RunningService;
  let call: ReturnType<typeof callAs>;
  let id: string;
  beforeAll(async () => {
    running = await startRunningService({ environment: { OWN_RECORDS_ONLY: 'true' } });
    call = callAs(running);
  });
  beforeEach(async () => {
    await running.reset();
    id = String((await call(SHOP, 'POST /photo-avatars', { body: AVATAR })).body.id);
  });
  afterAll(() => running.close());

  it.each(Object.entries(OWN_RECORD_ROUTES))(
    'a submitter is refused the record of another caller, which another path shows: %s',
    async (own, ofAll) => {
      const refused = await call(OTHER, own as RouteKey, { id });
      expect(expectProblem(refused, 'other-caller').detail).toContain(ofAll);
      expect(JSON.stringify(refused.body)).not.toContain(AVATAR.gender);
      const answer = await call(OTHER, ofAll, { id });
      // It is not queued, so that it cannot be cancelled either.
      expect(answer.status).toBe(ofAll.endsWith('/cancellation') ? 409 : 200);
      expect(JSON.stringify(answer.body)).toContain(id);
    },
  );

  it('a submitter reads its own record, also under another session of its role', async () => {
    for (const caller of [SHOP, session('shop', 'two')]) {
      expect((await call(caller, GET, { id })).body).toMatchObject({ id, request: AVATAR });
    }
  });

  it('a repeated key finds the own record only', async () => {
    const options = { body: AVATAR, key: 'order-4711' };
    const mine = await call(SHOP, 'POST /photo-avatars', options);
    const again = await call(SHOP, 'POST /photo-avatars', options);
    const other = await call(OTHER, 'POST /photo-avatars', options);
    expect([mine.status, again.status, other.status]).toEqual([201, 200, 201]);
    expect(again.body.id).toBe(mine.body.id);
    expect(other.body.id).not.toBe(mine.body.id);
  });

  it.each([
    ['a record from the queue', 'queue:000000000000'],
    ['a record of version 0.1.0, which has no owner', undefined],
  ])('belongs to no HTTP caller: %s', async (_, owner) => {
    await running.makeDue(id, { owner });
    expectProblem(await call(SHOP, GET, { id }), 'other-caller');
    expect((await call(SHOP, GET_OF_ALL, { id })).status).toBe(200);
  });

  it.each([GET, GET_OF_ALL] as const)('an id without a record is not found: %s', async (route) => {
    for (const unknown of [UNKNOWN_ID, 'gate', '']) {
      expectProblem(await call(SHOP, route, { id: unknown }), 'not-found');
    }
  });
});

describe('without ownRecordsOnly', () => {
  let running: RunningService;
  beforeAll(async () => {
    running = await startRunningService();
  });
  afterAll(() => running.close());

  it('every caller reads every record, under both paths', async () => {
    const call = callAs(running);
    const { body } = await call(SHOP, 'POST /photo-avatars', { body: AVATAR });
    for (const route of [GET, GET_OF_ALL] as const) {
      expect((await call(OTHER, route, { id: String(body.id) })).status).toBe(200);
    }
  });
});
