import { describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor } from '../../lambda/http/cursor.ts';
import { type Authorizer, callerOf, type HttpEvent, isHttpEvent } from '../../lambda/http/event.ts';
import { httpEvent } from '../support/http-event.ts';
import { AVATAR } from '../support/requests.ts';

const eventOf = (authorizer?: Authorizer): HttpEvent => httpEvent({ authorizer });
const BY_ALIAS = 'arn:aws:lambda:us-east-1:000000000000:function:api:http';
const byArn = (userArn: string) => callerOf(eventOf({ iam: { userArn } }));
const byToken = (claims: Record<string, unknown>) => callerOf(eventOf({ jwt: { claims } }));

describe('a caller', () => {
  const role = 'arn:aws:sts::000000000000:assumed-role/Team';

  it('shares idempotency keys across the sessions of its role, and is recorded with its session name', () => {
    const [one, other] = [byArn(`${role}/one`), byArn(`${role}/other`)];
    expect(one.namespace).toBe(other.namespace);
    expect([one.name, other.name]).toEqual([`${role}/one`, `${role}/other`]);
  });

  it('does not share keys with another role, user or account', () => {
    const callers = [
      byArn(`${role}/one`),
      byArn('arn:aws:sts::000000000000:assumed-role/Team2/one'),
      byArn('arn:aws:sts::111111111111:assumed-role/Team/one'),
      byArn('arn:aws:iam::000000000000:user/one'),
      byArn('arn:aws:iam::000000000000:user/Team'),
    ];
    expect(new Set(callers.map(({ namespace }) => namespace)).size).toBe(callers.length);
  });

  it('with a token is named by issuer and subject, or by client if the token has no subject', () => {
    const claims = { iss: 'https://issuer.example', sub: 'person', client_id: 'app' };
    expect(byToken(claims).name).toBe('https://issuer.example#person');
    expect(byToken({ ...claims, sub: undefined }).name).toBe('https://issuer.example#app');
    expect(byToken({ ...claims, iss: 'https://other.example' }).namespace).not.toBe(
      byToken(claims).namespace,
    );
  });

  it('is unknown without an authorizer', () => {
    expect(callerOf(eventOf()).name).toBe('unknown');
  });
});

describe('an event', () => {
  it('of an HTTP API is distinguished from a request and from any other value', () => {
    expect(isHttpEvent(eventOf(), BY_ALIAS)).toBe(true);
    for (const other of [AVATAR, {}, null, undefined, [], 'x', { routeKey: 'x', requestContext: {} }])
      expect(isHttpEvent(other, BY_ALIAS)).toBe(false);
  });
});

describe('a cursor', () => {
  const position = { createdAt: '2026-11-22T12:00:00.000Z', id: '019ab7f0-0000-7000-8000-000000000000' };

  it('decodes to its position, and is safe in a URL', () => {
    const cursor = encodeCursor(position);
    expect(decodeCursor(cursor)).toEqual(position);
    expect(cursor).toMatch(/^[\w-]+$/);
  });

  it.each([
    '',
    'x',
    '{}',
    '[]',
    '["2026-11-22T12:00:00.000Z"]',
    '["yesterday","019ab7f0-0000-7000-8000-000000000000"]',
    '["2026-11-22T12:00:00.000Z","gate"]',
  ])('with the content %s is rejected', (text) => {
    expect(decodeCursor(Buffer.from(text).toString('base64url'))).toBeUndefined();
    expect(decodeCursor(text)).toBeUndefined();
  });
});
