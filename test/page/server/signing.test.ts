import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { AwsCredentials } from '../../../client/index.ts';
import { HTTP_ALIAS } from '../../../lambda/shared/routes.ts';
import { startHttpApi } from '../../../local/emulators/http-api.ts';
import type { RunningServer } from '../../../local/server.ts';
import { ROUTES } from '../../../local/service.ts';
import { IDENTITIES, iamAuthorizer, REGION } from '../../support/client-world.ts';
import {
  problemIn,
  type Received,
  startTestPage,
  startUpstream,
  type TestPage,
} from '../../support/page-world.ts';
import { AVATAR } from '../../support/requests.ts';
import { type RunningService, startRunningService } from '../../support/running-service.ts';

let running: RunningService;
let api: RunningServer;
let page: TestPage;
let credentials: () => Promise<AwsCredentials>;
const answers: Received[] = [];
beforeAll(async () => {
  running = await startRunningService();
  api = await startHttpApi({
    routes: ROUTES,
    invoke: (event) => running.service.api.invoke(event, HTTP_ALIAS),
    authorize: iamAuthorizer(),
  });
  page = await startTestPage({
    api: { url: api.url, auth: { kind: 'iam', region: REGION, credentials: () => credentials() } },
  });
});
beforeEach(() => {
  credentials = async () => IDENTITIES.desk;
});
afterAll(async () => {
  await page.close();
  await api.close();
  await running.close();
});

const call = async (method: string, path: string, body?: string): Promise<Received> => {
  const headers = { 'content-type': 'application/json', 'idempotency-key': 'order-1' };
  const answer = await page.sendOwn(`/console/api${path}`, { method, headers, ...(body && { body }) });
  answers.push(answer);
  return answer;
};

describe('the page of a service that requires signatures', () => {
  it('calls it as the person who started the server', async () => {
    const submitted = await call(
      'POST',
      '/photo-avatars',
      JSON.stringify({ ...AVATAR, appearance: 'Grün, “leise”' }),
    );
    expect(submitted.status).toBe(201);
    const { id, caller } = JSON.parse(submitted.text);
    expect(caller).toBe(IDENTITIES.desk.userArn);
    expect(submitted.headers.location).toContain(id);
    expect(
      (await call('GET', `/photo-avatars?status=generating&caller=${encodeURIComponent(caller)}`)).status,
    ).toBe(200);
    expect((await call('GET', `/photo-avatars/${id}`)).status).toBe(200);
    expect((await call('PATCH', '/account', '{"paused":false}')).status).toBe(200);
    expect((await call('GET', '/openapi.json')).status).toBe(200);
    const invalid = await call('POST', '/photo-avatars', '{"age":"old"}');
    expect([invalid.status, JSON.parse(invalid.text).errors.length]).toEqual([422, expect.any(Number)]);
  });

  it('gets new credentials for each request', async () => {
    const callers: string[] = [];
    for (const identity of [IDENTITIES.shop, IDENTITIES.desk]) {
      credentials = async () => identity;
      const answer = await page.sendOwn('/console/api/photo-avatars', {
        method: 'POST',
        body: JSON.stringify(AVATAR),
      });
      callers.push(JSON.parse(answer.text).caller);
    }
    expect(callers).toEqual([IDENTITIES.shop.userArn, IDENTITIES.desk.userArn]);
  });

  it('cannot be called with a signature of the page, and passes on that the service refuses the caller', async () => {
    credentials = async () => ({ ...IDENTITIES.shop, secretAccessKey: 'another' });
    const answer = await page.sendOwn('/console/api/account', {
      headers: { authorization: 'AWS4-HMAC-SHA256 Credential=x', 'x-amz-date': '20200101T000000Z' },
    });
    expect([answer.status, answer.text]).toEqual([403, '{"message":"Forbidden"}']);
  });

  it('says that credentials cannot be obtained, without what the error repeats', async () => {
    credentials = async () => {
      throw Object.assign(new Error(`The file has ${IDENTITIES.desk.secretAccessKey}`), {
        name: 'TokenExpired',
      });
    };
    const answer = await call('GET', '/account');
    expect([answer.status, problemIn(answer)]).toEqual([502, 'credentials']);
    expect(JSON.parse(answer.text).detail).toContain('TokenExpired');
  });

  it('never shows a credential', () => {
    expect(answers.length).toBeGreaterThan(5);
    const { accessKeyId, secretAccessKey, sessionToken } = IDENTITIES.desk;
    for (const { headers, text } of answers)
      for (const secret of [accessKeyId, secretAccessKey, sessionToken, 'AWS4-HMAC'])
        expect(JSON.stringify(headers) + text).not.toContain(secret);
  });
});

it('the page of a service with tokens sends the token of the person, read for each request', async () => {
  const upstream = await startUpstream();
  const tokens = ['token-1', 'token-2'];
  const token = async () => tokens.shift() ?? 'none';
  const withToken = await startTestPage({ api: { url: upstream.url, auth: { kind: 'token', token } } });
  onTestFinished(async () => {
    await withToken.close();
    await upstream.close();
  });
  for (const expected of ['Bearer token-1', 'Bearer token-2']) {
    const answer = await withToken.sendOwn('/console/api/account', {
      headers: { authorization: 'Bearer stolen' },
    });
    expect(answer.status).toBe(200);
    expect(upstream.received.at(-1)?.headers.authorization).toBe(expected);
  }
});
