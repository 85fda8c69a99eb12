import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ProblemName } from '../../lambda/http/problem.ts';
import type { FaultInput } from '../../local/simulator/faults.ts';
import type { SettingsPatch } from '../../local/simulator/settings.ts';
import { AVATAR, FULL_AVATAR } from '../support/requests.ts';
import {
  expectProblem,
  type RunningService,
  recordIn,
  startRunningService,
} from '../support/running-service.ts';

let running: RunningService;
beforeAll(async () => {
  running = await startRunningService({
    environment: { JOGGAI_CALLS_PER_WINDOW: '3', DAILY_CALL_LIMIT: '50' },
  });
});
beforeEach(() => running.reset());
afterAll(() => running.close());

const seconds = (header: string | null) => Number(header ?? Number.NaN);

describe('a request that JoggAI takes', () => {
  it('is answered 201 with its record and the place to look it up', async () => {
    const answer = await running.post(FULL_AVATAR);
    expect(answer.status).toBe(201);
    const record = recordIn(answer);
    expect(record).toMatchObject({
      status: 'generating',
      charged: 'yes',
      photo_id: expect.stringMatching(/^25-/),
      request: FULL_AVATAR,
      source: 'http',
      attempts: 1,
    });
    expect(answer.headers.get('location')).toBe(`/photo-avatars/${record.id}`);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const found = await running.call('GET', answer.headers.get('location') ?? '');
    expect(found).toMatchObject({ status: 200, body: answer.body });
    expect(running.paidCalls()).toMatchObject([{ body: FULL_AVATAR, charged: true }]);
  });

  it('is sent trimmed, with the fields of the contract only', async () => {
    await running.post({ ...AVATAR, appearance: '  a hat ' });
    expect(running.paidCalls()).toMatchObject([{ body: { ...AVATAR, appearance: 'a hat' } }]);
  });
});

describe('a request that JoggAI refuses', () => {
  it.each<[string, SettingsPatch, ProblemName, number]>([
    ['for want of credit', { credits: 0 }, 'insufficient-credit', 402],
    ['for want of permission', { permission: false }, 'no-permission', 502],
    ['because of the key', { apiKeys: ['another'] }, 'invalid-api-key', 502],
  ])('%s is rejected, and so is the next one, without a call', async (_, settings, name, status) => {
    running.simulator.control.configure(settings);
    const first = await running.post();
    expect(first.status).toBe(status);
    const { record } = expectProblem(first, name);
    expect(record).toMatchObject({ status: 'rejected', charged: 'no', attempts: 1 });
    expect(first.headers.get('location')).toBe(`/photo-avatars/${record?.id}`);

    const second = await running.post();
    expect(expectProblem(second, name).record).toMatchObject({ status: 'rejected', attempts: 0 });
    expect(seconds(second.headers.get('retry-after'))).toBeGreaterThan(50);
    expect(seconds(second.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    expect(running.paidCalls()).toHaveLength(1);
    expect(running.charges()).toBe(0);
  });

  it('because of its parameters is rejected, and the next one is not', async () => {
    running.simulator.control.addFault({ kind: 'code', code: 40000, msg: 'image_url cannot be read' });
    const { record } = expectProblem(await running.post(), 'rejected-by-joggai');
    expect(record).toMatchObject({
      status: 'rejected',
      error: { joggai_code: 40000, joggai_message: 'image_url cannot be read' },
    });
    expect((await running.post()).status).toBe(201);
  });
});

describe('a request whose outcome is bad or unknown', () => {
  it.each<[FaultInput, ProblemName, number, object]>([
    [{ kind: 'code', code: 50000 }, 'joggai-error', 502, { status: 'failed', charged: 'unknown' }],
    [{ kind: 'code', code: 77777 }, 'joggai-error', 502, { status: 'failed', charged: 'unknown' }],
    [{ kind: 'http_error', status: 403 }, 'joggai-error', 502, { status: 'failed', charged: 'no' }],
    [{ kind: 'http_error', status: 503 }, 'in-doubt', 504, { status: 'in_doubt', charged: 'unknown' }],
    [
      { kind: 'garbage', when: 'after_charging' },
      'in-doubt',
      504,
      { status: 'in_doubt', charged: 'unknown' },
    ],
    [{ kind: 'reset', when: 'after_charging' }, 'in-doubt', 504, { status: 'in_doubt', charged: 'unknown' }],
    [{ kind: 'code', code: 0 }, 'in-doubt', 504, { status: 'in_doubt', charged: 'unknown' }],
  ])('(%j) is told as %s, %i, with its record', async (fault, name, status, expected) => {
    running.simulator.control.addFault(fault);
    const answer = await running.post();
    expect(answer.status).toBe(status);
    const { record } = expectProblem(answer, name);
    expect(record).toMatchObject(expected);
    expect(answer.headers.get('location')).toBe(`/photo-avatars/${record?.id}`);
    expect(answer.headers.get('retry-after')).toBeNull();
    expect(running.paidCalls()).toHaveLength(1);
  });
});

describe('a request that has to wait', () => {
  it('because JoggAI said 429 is answered 202 with the time that JoggAI asked for', async () => {
    running.simulator.control.configure({ rate: { limit: 1, retryAfter: 'body', windowMs: 30_000 } });
    await running.post();
    const answer = await running.post();
    expect(answer.status).toBe(202);
    expect(recordIn(answer)).toMatchObject({ status: 'queued', charged: 'no' });
    expect(seconds(answer.headers.get('retry-after'))).toBe(30);
    expect(answer.headers.get('location')).toBe(`/photo-avatars/${recordIn(answer).id}`);
  });

  it('because the rate is used up is answered 202 with the time until the next slot', async () => {
    for (let count = 0; count < 3; count += 1) expect((await running.post()).status).toBe(201);
    const answer = await running.post();
    expect(answer.status).toBe(202);
    expect(recordIn(answer)).toMatchObject({ status: 'queued', attempts: 0 });
    expect(seconds(answer.headers.get('retry-after'))).toBeGreaterThan(40);
    expect(seconds(answer.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    expect(running.paidCalls()).toHaveLength(3);
  });

  it('because its caller does not is answered 202 at once', async () => {
    const answer = await running.post(AVATAR, { prefer: 'wait=1, Respond-Async' });
    expect(answer.status).toBe(202);
    expect(recordIn(answer)).toMatchObject({ status: 'queued', attempts: 0 });
    expect(running.paidCalls()).toEqual([]);
  });
});

describe("today's limit", () => {
  it('once it is reached, turns requests away until midnight UTC', async () => {
    const day = new Date().toISOString().slice(0, 10);
    await running.setGate({ slots: new Map([[0, { until: 0, holder: 'x', calls: 50, day }]]) });
    const answer = await running.post();
    const untilMidnight = (Date.parse(day) + 86_400_000 - Date.now()) / 1_000;
    expect(expectProblem(answer, 'daily-limit').record).toMatchObject({ status: 'rejected', charged: 'no' });
    expect(Math.abs(seconds(answer.headers.get('retry-after')) - untilMidnight)).toBeLessThan(30);
    expect((await running.call('GET', '/account')).body).toMatchObject({ state: 'spent', calls_today: 50 });
    expect(running.paidCalls()).toEqual([]);
  });
});

describe('a dry run', () => {
  it('says what a request would meet, and pays and records nothing', async () => {
    const before = (await running.records()).length;
    const dryRun = (value: unknown) => running.post(value, {}, '/photo-avatars?dry_run=true');
    expect(await dryRun({ ...AVATAR, background: ' sea ' })).toMatchObject({
      status: 200,
      body: {
        dry_run: true,
        request: { ...AVATAR, background: 'sea' },
        api_key: 'present',
        account: { state: 'open', slots: { total: 3, in_use: 0 }, daily_call_limit: 50 },
      },
    });
    await running.sendJson('PATCH', '/account', { paused: true });
    expect((await dryRun(AVATAR)).body).toMatchObject({ account: { state: 'paused' } });
    expect(await running.records()).toHaveLength(before);
    expect(running.paidCalls()).toEqual([]);
  });

  it('that is switched off is none', async () => {
    expect((await running.post(AVATAR, {}, '/photo-avatars?dry_run=false')).status).toBe(201);
  });
});

describe('the account', () => {
  it('is open, with what is used of its rate and its day', async () => {
    await running.post();
    expect(await running.call('GET', '/account')).toMatchObject({
      status: 200,
      body: { state: 'open', slots: { total: 3, in_use: 1 }, calls_today: 1, daily_call_limit: 50 },
    });
  });

  it('is blocked since and until a time, for a reason', async () => {
    running.simulator.control.configure({ credits: 0 });
    await running.post();
    const { body } = await running.call('GET', '/account');
    expect(body).toMatchObject({ state: 'blocked', reason: 'insufficient_credit', calls_today: 0 });
    expect(Date.parse(Object(body).until) - Date.parse(Object(body).since)).toBe(60_000);
  });

  it('that is paused takes no paid calls until it goes on', async () => {
    const pause = await running.sendJson('PATCH', '/account', { paused: true });
    expect(pause).toMatchObject({
      status: 200,
      body: { state: 'paused', paused_by: expect.stringMatching(/./) },
    });
    const answer = await running.post();
    expect(expectProblem(answer, 'paused').record).toMatchObject({ status: 'rejected', charged: 'no' });
    expect(answer.headers.get('retry-after')).toBeNull();
    expect(running.paidCalls()).toEqual([]);

    expect(await running.sendJson('PATCH', '/account', { paused: false })).toMatchObject({
      body: { state: 'open' },
    });
    expect((await running.post()).status).toBe(201);
  });
});

describe('JoggAI out of reach', () => {
  let unreachable: RunningService;
  beforeAll(async () => {
    unreachable = await startRunningService({ joggaiBaseUrl: 'http://127.0.0.1:1' });
  });
  afterEach(() => unreachable.reset());
  afterAll(() => unreachable.close());

  it('lets requests wait, and nobody calls again for a while', async () => {
    const first = await unreachable.post();
    expect(first.status).toBe(202);
    expect(recordIn(first)).toMatchObject({ status: 'queued', charged: 'no', error: { code: 'not_sent' } });
    const second = await unreachable.post();
    expect(recordIn(second)).toMatchObject({ status: 'queued', attempts: 0 });
    expect(seconds(second.headers.get('retry-after'))).toBeLessThanOrEqual(10);
  });
});
