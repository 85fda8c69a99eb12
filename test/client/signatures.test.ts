import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createClient, isProblem } from '../../client/index.ts';
import { startHttpApi } from '../../local/emulators/http-api.ts';
import { startProxy } from '../../local/proxy.ts';
import {
  clientOf,
  createVirtualTiming,
  failureOf,
  IDENTITIES,
  iamAuthorizer,
  REGION,
} from '../support/client-world.ts';
import { AVATAR, FULL_AVATAR } from '../support/requests.ts';
import { type RunningService, startRunningService } from '../support/running-service.ts';

const { shop, desk } = IDENTITIES;

let running: RunningService;
beforeAll(async () => {
  running = await startRunningService({
    authorize: iamAuthorizer(),
    environment: { OWN_RECORDS_ONLY: 'true' },
  });
});
beforeEach(() => running.reset());
afterAll(() => running.close());

const as = (name: keyof typeof IDENTITIES) => clientOf(running.service.url, name);

describe('a signed client', () => {
  it.each([
    ['a user', 'shop', shop.userArn],
    ['a session of a role, with its session token', 'desk', desk.userArn],
  ] as const)('submits, reads and lists as %s', async (_, name, caller) => {
    const client = as(name);
    const { record, replayed, idempotencyKey } = await client.submit(FULL_AVATAR);
    expect(replayed).toBe(false);
    expect(record).toMatchObject({ status: 'generating', charged: 'yes', caller, request: FULL_AVATAR });
    expect(record.idempotency_key).toBe(idempotencyKey);
    expect((await client.get(record.id)).id).toBe(record.id);
    const page = await client.listPage({ status: 'generating', caller, pageSize: 1 });
    expect(page.items.map(({ id }) => id)).toEqual([record.id]);
  });

  it('sends text of every script as it is', async () => {
    const background = 'Büro, 東京 🗼, “quotes” \\ & <b>';
    const { record } = await as('shop').submit({ ...AVATAR, background });
    expect(record.request?.background).toBe(background);
  });

  it.each(["!*'()", 'a b+c%20d', 'ä/ö?&=#', 'x=1&limit=2', '~-._'])(
    'signs a query with %s as it is sent',
    async (caller) => {
      expect((await as('desk').listPage({ caller })).items).toEqual([]);
    },
  );

  it.each(['', '..', 'a/b', 'a b', 'a?b', 'ä', '0198c5f2-7a1e-7c3a-9d4e-2b6f8a1c3d5e'])(
    'finds no record with the id "%s"',
    async (id) => {
      const error = await failureOf(as('shop').get(id));
      expect(isProblem(error, 'not-found')).toBe(true);
      expect(error.charged).toBe('no');
    },
  );

  it('asks for new credentials at each call', async () => {
    let asked = 0;
    const client = createClient({
      url: running.service.url,
      auth: {
        kind: 'iam',
        region: REGION,
        credentials: async () => {
          asked += 1;
          return asked === 1 ? shop : desk;
        },
      },
    });
    const records = [await client.submit(AVATAR), await client.submit(AVATAR)].map(
      ({ record }) => record.caller,
    );
    expect(records).toEqual([shop.userArn, desk.userArn]);
  });
});

describe('the record of another caller', () => {
  it('is read and cancelled by the path for the records of all callers', async () => {
    const { record } = await as('shop').submit(AVATAR, { respondAsync: true });
    expect((await as('desk').get(record.id)).caller).toBe(shop.userArn);
    expect((await as('desk').cancel(record.id)).status).toBe('cancelled');
  });

  it('is refused by its problem if the role may not use that path', async () => {
    const { record } = await as('shop').submit(AVATAR);
    const authorize = iamAuthorizer();
    const api = await startHttpApi({
      routes: ['GET /photo-avatars/{id}', 'GET /all-callers/photo-avatars/{id}'],
      invoke: (event) => running.service.api.invoke(event, 'http'),
      authorize: (route, request) => (route.includes('all-callers') ? 403 : authorize(route, request)),
    });
    const error = await failureOf(clientOf(api.url, 'desk').get(record.id));
    expect(isProblem(error, 'other-caller')).toBe(true);
    await api.close();
  });
});

describe('API Gateway refuses', () => {
  const refusal = async (submit: Promise<unknown>) => {
    const error = await failureOf(submit);
    expect(error).toMatchObject({ name: 'PhotoAvatarsError', status: 403, charged: 'no', type: undefined });
    expect(error.message).toContain('answered HTTP 403: Forbidden. Nothing was charged.');
    expect(running.paidCalls()).toEqual([]);
    return error;
  };
  const submitWith = (credentials: object, region = REGION, timing = createVirtualTiming()) =>
    createClient({
      url: running.service.url,
      auth: { kind: 'iam', region, credentials: { ...desk, ...credentials } },
      timing,
    }).submit(AVATAR);

  it.each([
    ['a wrong secret', { secretAccessKey: 'wrong' }, REGION],
    ['an unknown access key', { accessKeyId: 'AKIAUNKNOWN' }, REGION],
    ['a missing session token', { sessionToken: undefined }, REGION],
    ['a session token of another session', { sessionToken: 'other' }, REGION],
    ['another region', {}, 'us-east-1'],
  ])('%s, without a repeat, and the error says what to check', async (_, credentials, region) => {
    const timing = createVirtualTiming();
    expect((await refusal(submitWith(credentials, region, timing))).advice).toMatch(/^Check the credentials/);
    expect(timing.waits).toEqual([]);
  });

  it('a request without a signature', async () => {
    await refusal(createClient({ url: running.service.url }).submit(AVATAR));
  });

  it.each([6, -6])('a clock that is %i minutes ahead, and the error says so', async (minutes) => {
    const timing = createVirtualTiming(Date.now() + minutes * 60_000);
    const { advice } = await refusal(submitWith({}, REGION, timing));
    expect(advice).toContain('Set the clock of this machine: it differs by 6 minutes');
  });

  it.each([
    ['a changed body', { body: (text: string) => text.replace('Adult', 'Elderly') }],
    ['a changed key', { headers: { 'idempotency-key': 'other' } }],
    ['a changed query', { target: '/photo-avatars?dry_run=true' }],
  ])('%s', async (_, changes: { body?: (text: string) => string; headers?: object; target?: string }) => {
    const signed = createVirtualTiming();
    const client = clientOf(running.service.url, 'shop', {
      timing: signed,
      fetch: (url, init) =>
        fetch(new URL(changes.target ?? '', String(url)), {
          ...init,
          headers: { ...Object.fromEntries(init?.headers as Headers), ...changes.headers },
          ...(changes.body && { body: changes.body(String(init?.body)) }),
        }),
    });
    await refusal(client.submit(AVATAR));
  });
});

describe('a client of npm start', () => {
  it('needs no signature', async () => {
    const open = await startRunningService();
    const { record } = await createClient({ url: `${open.service.url}/` }).submit(AVATAR);
    expect(record).toMatchObject({ status: 'generating', caller: 'arn:aws:iam::000000000000:user/local' });
    await open.close();
  });
});

describe('a token', () => {
  it('is asked for at each call and sent as it is, without the line break of its file', async () => {
    const seen: (string | undefined)[] = [];
    const api = await startHttpApi({
      routes: ['GET /account'],
      invoke: (event) => running.service.api.invoke(event, 'http'),
      authorize: (_, { headers: { authorization } }) => {
        seen.push(authorization);
        return authorization === 'Bearer second'
          ? { jwt: { claims: { iss: 'https://login.example.com', sub: 'anna' } } }
          : 401;
      },
    });
    const tokens = ['first\n', 'second\n'];
    const client = createClient({
      url: api.url,
      auth: { kind: 'token', token: async () => tokens.shift() ?? '' },
    });
    await expect(client.account()).rejects.toMatchObject({ status: 401, advice: /^Get a new token/ });
    expect((await client.account()).state).toBe('open');
    expect(seen).toEqual(['Bearer first', 'Bearer second']);
    await api.close();
  });
});

it('the path of a stage in front of the routes stays', async () => {
  const paths: string[] = [];
  const proxy = await startProxy({ target: running.service.url, onBegin: (path) => paths.push(path) });
  await clientOf(`${proxy.url}/stage/`, 'shop')
    .account()
    .catch(() => undefined);
  expect(paths).toEqual(['/stage/account']);
  await proxy.close();
});
