import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Authorizer, callerOf, type HttpEvent, isHttpEvent } from '../../lambda/http/event.ts';
import { createHttpApi, type HttpApiPorts } from '../../lambda/http/http-api.ts';
import { PROBLEMS, ProblemError } from '../../lambda/http/problem.ts';
import { ROUTES } from '../../lambda/shared/routes.ts';
import { createEventSender } from '../support/event-sender.ts';
import { httpEvent } from '../support/http-event.ts';
import { AVATAR } from '../support/requests.ts';
import { type RunningService, recordIn, startRunningService } from '../support/running-service.ts';

const ADMIN = 'arn:aws:iam::000000000000:user/admin';

const eventOf = (routeKey: string, authorizer: Authorizer, body?: string): HttpEvent =>
  httpEvent({ routeKey, authorizer, body, headers: { 'content-type': 'application/json' } });

describe('an event in the form of an HTTP request', () => {
  const event = eventOf('GET /account', { iam: { userArn: ADMIN } });

  it.each([
    ['arn:aws:lambda:us-east-1:000000000000:function:api:http', true],
    ['arn:aws-us-gov:lambda:us-gov-west-1:000000000000:function:api:http', true],
    ['arn:aws:lambda:us-east-1:000000000000:function:api', false],
    ['arn:aws:lambda:us-east-1:000000000000:function:http', false],
    ['arn:aws:lambda:us-east-1:000000000000:function:api:$LATEST', false],
    ['', false],
  ])('to %s is of API Gateway: %s', (arn, expected) => {
    expect(isHttpEvent(event, arn)).toBe(expected);
  });
});

describe('a direct invocation', () => {
  let running: RunningService;
  beforeAll(async () => {
    running = await startRunningService();
  });
  beforeEach(() => running.reset());
  afterAll(() => running.close());

  it.each([
    ['POST /photo-avatars', JSON.stringify(AVATAR)],
    ['PATCH /account', '{"paused":true}'],
    ['GET /photo-avatars', undefined],
  ])('that poses as API Gateway reaches no route: %s', async (routeKey, body) => {
    const { invoke } = createEventSender(running.service);
    const { error } = await invoke('api', eventOf(routeKey, { iam: { userArn: ADMIN } }, body));
    expect(error).toBe('InvalidRequest');
    expect(running.charges()).toBe(0);
    expect(await running.records()).toEqual([]);
    expect((await running.call('GET', '/account')).body).toMatchObject({ state: 'open' });
  });

  it('does not keep API Gateway from its routes', async () => {
    expect(recordIn(await running.post())).toMatchObject({ status: 'generating', source: 'http' });
  });
});

describe('a token that does not say whose it is', () => {
  const iss = 'https://issuer.example';

  it.each([{}, { sub: '' }, { sub: '', client_id: '' }, { sub: null }, { sub: undefined, client_id: [] }])(
    'is refused and shares its keys with no other: %j',
    (claims) => {
      const event = eventOf('GET /account', { jwt: { claims: { iss, ...claims } } });
      expect(() => callerOf(event)).toThrow(ProblemError);
    },
  );

  it.each([...ROUTES, '$default'])(
    'is refused with 403 by every route, before anything is read: %s',
    async (route) => {
      // Without ports: a route that is reached fails.
      const http = createHttpApi({} as HttpApiPorts);
      const event = eventOf(route, { jwt: { claims: { iss } } }, JSON.stringify(AVATAR));
      const { statusCode, body } = await http(event, { id: 'invocation', deadline: 0 });
      expect(statusCode).toBe(403);
      const { type, title, detail } = JSON.parse(body);
      expect([type, title]).toEqual([
        'urn:photo-avatars:problem:caller-not-identified',
        PROBLEMS['caller-not-identified'].title,
      ]);
      expect(detail).toContain('Nothing was recorded or charged');
    },
  );

  it('is accepted with a client_id in place of an empty subject', () => {
    const event = eventOf('GET /account', { jwt: { claims: { iss, sub: '', client_id: 'app' } } });
    expect(callerOf(event).name).toBe(`${iss}#app`);
  });
});
