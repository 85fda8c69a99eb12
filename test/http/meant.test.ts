import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FREE_TEXT_LIMIT, URL_LIMIT } from '../../lambda/domain/request/contract.ts';
import { IDEMPOTENCY_KEY_LIMIT } from '../../lambda/domain/request/keyed-request.ts';
import { MAX_BODY_BYTES } from '../../lambda/http/read-event.ts';
import { AVATAR, FULL_AVATAR } from '../support/requests.ts';
import { expectProblem, type RunningService, startRunningService } from '../support/running-service.ts';

let running: RunningService;
beforeAll(async () => {
  running = await startRunningService();
});
beforeEach(() => running.reset());
afterAll(() => running.close());

const escaped = (value: object): string =>
  JSON.stringify(value).replace(/[^{}[\]",:]/g, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, '0');
    return `\\u${code}`;
  });

const LARGEST = {
  ...FULL_AVATAR,
  background: '漢'.repeat(FREE_TEXT_LIMIT),
  appearance: '字'.repeat(FREE_TEXT_LIMIT),
  image_url: `https://example.com/${'x'.repeat(URL_LIMIT - 'https://example.com/'.length)}`,
};

describe('a body', () => {
  it.each(['application/json', 'application/json; charset=utf-8', 'application/vnd.x+json'])(
    'that is not UTF-8 is refused with 400 and not paid for, as %s',
    async (type) => {
      const text = JSON.stringify({ ...AVATAR, appearance: 'caf@' });
      const body = Buffer.from(text);
      body[text.indexOf('@')] = 0xe9;
      const headers = { 'content-type': type };
      const answer = await running.call('POST', '/photo-avatars', { headers, body });
      expect(expectProblem(answer, 'invalid-json').detail).toContain('UTF-8');
      expect(running.charges()).toBe(0);
      expect(running.paidCalls()).toEqual([]);
    },
  );

  it.each([
    ['POST', '/photo-avatars', JSON.stringify(AVATAR).replace('{', '{"age":"Elderly",'), 'age'],
    ['POST', '/photo-avatars', JSON.stringify(AVATAR).replace('{', '{"\\u0061ge":"Adult",'), 'age'],
    ['PATCH', '/account', '{"paused":true,"paused":false}', 'paused'],
  ])('that gives a field twice is refused with 400: %s %s %s', async (method, path, body, field) => {
    const problem = expectProblem(await running.sendJson(method, path, body), 'invalid-json');
    expect(problem.errors).toEqual([{ field, message: 'is given more than once' }]);
    expect(running.charges()).toBe(0);
    expect((await running.call('GET', '/account')).body).toMatchObject({ state: 'open' });
  });

  it('with every text at its limit fits, also if every character is escaped', async () => {
    const body = escaped(LARGEST);
    expect(JSON.parse(body)).toEqual(LARGEST);
    expect((await running.post(body)).status).toBe(201);
    expect((await running.post(JSON.stringify(LARGEST, undefined, 2))).status).toBe(201);
    const [called] = running.paidCalls();
    expect(called).toBeDefined();
  });

  it('has a limit that also fits the longest idempotency_key beside the fields', () => {
    const body = escaped({ ...LARGEST, idempotency_key: 'k'.repeat(IDEMPOTENCY_KEY_LIMIT) });
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(MAX_BODY_BYTES);
  });
});
