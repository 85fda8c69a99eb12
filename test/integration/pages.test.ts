import type { Template } from 'aws-cdk-lib/assertions';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { HTTP_ALIAS, PREFLIGHT_ROUTE, ROUTES } from '../../lambda/shared/routes.ts';
import { startHttpApi } from '../../local/emulators/http-api.ts';
import type { RunningServer } from '../../local/server.ts';
import { deployed, resources, theResource } from '../lib/synthesize.ts';
import { pageOf } from '../support/browser.ts';
import { AVATAR } from '../support/requests.ts';
import { type RunningService, startRunningService } from '../support/running-service.ts';

const ORIGIN = 'https://shop.example.com';
const ISSUER = 'https://login.example.com';

const { template } = deployed({
  jwtIssuer: ISSUER,
  jwtAudience: 'people',
  jwtSubmitScope: 'submit',
  jwtReadScope: 'read',
  jwtOperateScope: 'operate',
  corsOrigins: `${ORIGIN}, http://localhost:5173`,
});

const cors = z.object({
  AllowOrigins: z.array(z.string()),
  AllowMethods: z.array(z.string()),
  AllowHeaders: z.array(z.string()),
  ExposeHeaders: z.array(z.string()),
  MaxAge: z.int(),
});

const routeProperties = z.object({
  RouteKey: z.string(),
  AuthorizationType: z.string(),
  AuthorizationScopes: z.array(z.string()).optional(),
});

type RouteProperties = z.infer<typeof routeProperties>;

const routesIn = (from: Template): RouteProperties[] =>
  resources(from, 'AWS::ApiGatewayV2::Route').map(({ Properties }) => routeProperties.parse(Properties));

/**
 * API Gateway with these routes, the CORS configuration of the template, and the function behind it. A token is the list
 * of its scopes: the signature is not what this test is about.
 */
const startGateway = (running: RunningService, routes: readonly RouteProperties[]): Promise<RunningServer> =>
  startHttpApi({
    routes: routes.map(({ RouteKey }) => RouteKey),
    invoke: (event) => running.service.api.invoke(event, HTTP_ALIAS),
    cors: cors.parse(theResource(template, 'AWS::ApiGatewayV2::Api').Properties.CorsConfiguration),
    authorize: (routeKey, { headers: { authorization } }) => {
      const route = routes.find(({ RouteKey }) => RouteKey === routeKey);
      if (route?.AuthorizationType === 'NONE') return {};
      const [, scopes] = /^Bearer (.*)$/.exec(authorization ?? '') ?? [];
      if (scopes === undefined) return 401;
      const granted = scopes.split(' ').some((scope) => route?.AuthorizationScopes?.includes(scope));
      return granted ? { jwt: { claims: { iss: ISSUER, sub: 'anna' }, scopes: scopes.split(' ') } } : 403;
    },
  });

const token = (...scopes: string[]) => ({ authorization: `Bearer ${scopes.join(' ')}` });
const post = (headers: Record<string, string>) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(AVATAR),
});

let running: RunningService;
let gateway: RunningServer;
let url: string;
beforeAll(async () => {
  running = await startRunningService();
  gateway = await startGateway(running, routesIn(template));
  url = `${gateway.url}/photo-avatars`;
});
beforeEach(() => running.reset());
afterAll(async () => {
  await gateway.close();
  await running.close();
});

describe('a page of an allowed origin', () => {
  it('requests a photo avatar with a token and a key, and reads where it is and whether it was replayed', async () => {
    const page = pageOf(ORIGIN);
    const request = post({ ...token('submit'), 'idempotency-key': 'order-4711', prefer: 'respond-async' });
    const first = await page.fetch(url, request);
    expect(first.status).toBe(202);
    expect(first.headers.get('location')).toBe(`/photo-avatars/${JSON.parse(first.text).id}`);
    const again = await page.fetch(url, request);
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([200, 'true']);
  });

  it('reads how long to wait', async () => {
    running.simulator.control.configure({ credits: 0 });
    const page = pageOf('http://localhost:5173');
    await page.fetch(url, post(token('submit')));
    const { status, headers } = await page.fetch(url, post(token('submit')));
    expect([status, Number(headers.get('retry-after'))]).toEqual([402, expect.any(Number)]);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it.each(ROUTES)('may send the method and the headers of every route: %s', async (route) => {
    const [method = '', path = ''] = route.split(' ');
    const answer = await pageOf(ORIGIN).fetch(`${gateway.url}${path.replace('{id}', 'an-id')}`, {
      method,
      headers: { ...token('operate'), 'content-type': 'application/json', 'if-match': '"2"' },
      ...(method !== 'GET' && { body: '{}' }),
    });
    expect([200, 404, 422]).toContain(answer.status);
  });
});

describe('a preflight request', () => {
  const preflight = (origin: string, from = gateway) =>
    fetch(`${from.url}/photo-avatars`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    });

  it('needs no token', async () => {
    const { status, headers } = await preflight(ORIGIN);
    expect([status, headers.get('access-control-allow-origin')]).toEqual([204, ORIGIN]);
  });

  it.each(['https://evil.example.com', 'http://shop.example.com', `${ORIGIN}.evil.example`, 'null'])(
    'of a page of %s allows nothing',
    async (origin) => {
      expect((await preflight(origin)).headers.get('access-control-allow-origin')).toBeNull();
      await expect(pageOf(origin).fetch(url, post(token('submit')))).rejects.toThrow(
        'does not allow the origin',
      );
      expect(running.charges()).toBe(0);
    },
  );

  it('reaches the default route, which requires a token, if it has no route of its own', async () => {
    const without = routesIn(template).filter(({ RouteKey }) => RouteKey !== PREFLIGHT_ROUTE);
    const other = await startGateway(running, without);
    try {
      expect((await preflight(ORIGIN, other)).status).toBe(401);
    } finally {
      await other.close();
    }
  });
});

describe('with CORS', () => {
  it.each(ROUTES)(
    'every other route still needs a token, and one with a scope of its roles: %s',
    async (route) => {
      const [method = '', path = ''] = route.split(' ');
      const call = (headers: Record<string, string>) =>
        fetch(`${gateway.url}${path.replace('{id}', 'an-id')}`, {
          method,
          headers: { origin: ORIGIN, ...headers },
        });
      expect((await call({})).status).toBe(401);
      expect((await call(token('unrelated'))).status).toBe(403);
    },
  );

  it('only the preflight route is open', () => {
    const open = routesIn(template).filter(({ AuthorizationType }) => AuthorizationType !== 'JWT');
    expect(open.map(({ RouteKey }) => RouteKey)).toEqual([PREFLIGHT_ROUTE]);
  });

  it('an OPTIONS request without an origin is answered empty, also for an unknown path', async () => {
    for (const path of ['/photo-avatars', '/a/b/c']) {
      const answer = await fetch(`${gateway.url}${path}`, { method: 'OPTIONS' });
      expect([answer.status, await answer.text()]).toEqual([204, '']);
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    }
  });
});
