import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ProblemName } from '../../lambda/http/problem.ts';
import type { FaultInput } from '../../local/simulator/faults.ts';
import type { SettingsPatch } from '../../local/simulator/settings.ts';
import { AVATAR, FULL_AVATAR } from '../support/requests.ts';
import {
  type Answer,
  expectProblem,
  type RunningService,
  recordIn,
  startRunningService,
} from '../support/running-service.ts';

/** Longer than every test, so that blocks and leases do not expire during one. */
const WINDOW_MS = 3_600_000;

let running: RunningService;
beforeAll(async () => {
  running = await startRunningService({
    environment: {
      JOGGAI_CALLS_PER_WINDOW: '3',
      JOGGAI_WINDOW_SECONDS: String(WINDOW_MS / 1_000),
      DAILY_CALL_LIMIT: '51',
    },
  });
});
beforeEach(() => running.reset());
afterAll(() => running.close());

/** An answer, with the times before and after the call. */
const timed = async (send: () => Promise<Answer>) => {
  const from = Date.now();
  const answer = await send();
  return { ...answer, from, to: Date.now() };
};
type TimedAnswer = Awaited<ReturnType<typeof timed>>;

/** Checks that `Retry-After` ends between these two times. */
const expectRetryAfter = ({ headers, from, to }: TimedAnswer, earliest: number, latest = earliest) => {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  expect(seconds).toBeGreaterThanOrEqual(Math.ceil((earliest - to) / 1_000));
  expect(seconds).toBeLessThanOrEqual(Math.ceil((latest - from) / 1_000));
};

const utcDay = () => new Date().toISOString().slice(0, 10);

/** Runs `work` within one UTC day: repeats it if midnight passes meanwhile. */
const withinOneDay = async <Result>(work: (day: string) => Promise<Result>): Promise<Result> => {
  const day = utcDay();
  const result = await work(day);
  return day === utcDay() ? result : withinOneDay(work);
};

describe('a request that JoggAI accepts', () => {
  it('returns 201 with its record and its location', async () => {
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

  it('is sent to JoggAI trimmed, with only the fields of the contract', async () => {
    await running.post({ ...AVATAR, appearance: '  a hat ' });
    expect(running.paidCalls()).toMatchObject([{ body: { ...AVATAR, appearance: 'a hat' } }]);
  });
});

describe('a request that JoggAI refuses', () => {
  it.each<[string, SettingsPatch, ProblemName, number]>([
    ['for insufficient credit', { credits: 0 }, 'insufficient-credit', 402],
    ['for a missing permission', { permission: false }, 'no-permission', 502],
    ['for an invalid key', { apiKeys: ['another'] }, 'invalid-api-key', 502],
  ])('%s is rejected, and the next request is rejected without a call', async (_, settings, name, status) => {
    running.simulator.control.configure(settings);
    const first = await timed(() => running.post());
    expect(first.status).toBe(status);
    const { record } = expectProblem(first, name);
    expect(record).toMatchObject({ status: 'rejected', charged: 'no', attempts: 1 });
    expect(first.headers.get('location')).toBe(`/photo-avatars/${record?.id}`);

    const second = await timed(() => running.post());
    expect(expectProblem(second, name).record).toMatchObject({ status: 'rejected', attempts: 0 });
    expectRetryAfter(second, first.from + WINDOW_MS, first.to + WINDOW_MS);
    expect(running.paidCalls()).toHaveLength(1);
    expect(running.charges()).toBe(0);
  });

  it('for its parameters is rejected, and the next request is accepted', async () => {
    running.simulator.control.addFault({ kind: 'code', code: 40000, msg: 'image_url cannot be read' });
    const { record } = expectProblem(await running.post(), 'rejected-by-joggai');
    expect(record).toMatchObject({
      status: 'rejected',
      error: { joggai_code: 40000, joggai_message: 'image_url cannot be read' },
    });
    expect((await running.post()).status).toBe(201);
  });
});

it('a request that is rejected with HTTP 4xx in front of JoggAI is answered with 202, and waits', async () => {
  running.simulator.control.addFault({ kind: 'http_error', status: 403 });
  expect(await running.post()).toMatchObject({
    status: 202,
    body: { status: 'queued', charged: 'no', error: { code: 'http_rejected' } },
  });
});

describe('a request whose outcome is a failure or unknown', () => {
  it.each<[FaultInput, ProblemName, number, object]>([
    [{ kind: 'code', code: 50000 }, 'joggai-error', 502, { status: 'failed', charged: 'unknown' }],
    [{ kind: 'code', code: 77777 }, 'joggai-error', 502, { status: 'failed', charged: 'unknown' }],
    [{ kind: 'http_error', status: 503 }, 'in-doubt', 504, { status: 'in_doubt', charged: 'unknown' }],
    [
      { kind: 'garbage', when: 'after_charging' },
      'in-doubt',
      504,
      { status: 'in_doubt', charged: 'unknown' },
    ],
    [{ kind: 'reset', when: 'after_charging' }, 'in-doubt', 504, { status: 'in_doubt', charged: 'unknown' }],
    [{ kind: 'code', code: 0 }, 'in-doubt', 504, { status: 'in_doubt', charged: 'unknown' }],
  ])('(%j) returns the problem %s with status %i and the record', async (fault, name, status, expected) => {
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

describe('a request that is queued', () => {
  it('because JoggAI returned 429 returns 202 with the Retry-After of JoggAI', async () => {
    const windowMs = 15 * 60_000;
    running.simulator.control.configure({ rate: { limit: 1, retryAfter: 'body', windowMs } });
    await running.post();
    const answer = await running.post();
    expect(answer.status).toBe(202);
    expect(recordIn(answer)).toMatchObject({ status: 'queued', charged: 'no' });
    const [acceptedAt = 0, rejectedAt = 0] = running.paidCalls().map(({ arrivedAt }) => arrivedAt);
    const retryAfter = Math.ceil((acceptedAt + windowMs - rejectedAt) / 1_000);
    expect(answer.headers.get('retry-after')).toBe(String(retryAfter));
    expect(answer.headers.get('location')).toBe(`/photo-avatars/${recordIn(answer).id}`);
  });

  it('because all slots are held returns 202 with the time until the next free slot', async () => {
    const first = await timed(() => running.post());
    for (const { status } of [first, await running.post(), await running.post()]) expect(status).toBe(201);
    const answer = await timed(() => running.post());
    expect(answer.status).toBe(202);
    expect(recordIn(answer)).toMatchObject({ status: 'queued', attempts: 0 });
    expectRetryAfter(answer, first.from + WINDOW_MS, first.to + WINDOW_MS);
    expect(running.paidCalls()).toHaveLength(3);
  });

  it('because the caller prefers respond-async returns 202 without a call to JoggAI', async () => {
    const answer = await running.post(AVATAR, { prefer: 'wait=1, Respond-Async' });
    expect(answer.status).toBe(202);
    expect(recordIn(answer)).toMatchObject({ status: 'queued', attempts: 0 });
    expect(running.paidCalls()).toEqual([]);
  });
});

describe('the daily limit', () => {
  it('rejects requests until midnight UTC once it is reached', async () => {
    const { answer, account, midnight } = await withinOneDay(async (day) => {
      await running.reset();
      // Every slot carries calls: the function may acquire any slot that its cached view shows as unchanged.
      const slot = { until: 0, holder: 'x', calls: 17, day };
      await running.setGate({ slots: new Map([0, 1, 2].map((index) => [index, slot])) });
      return {
        answer: await timed(() => running.post()),
        account: await running.call('GET', '/account'),
        midnight: Date.parse(day) + 86_400_000,
      };
    });
    expect(expectProblem(answer, 'daily-limit-reached').record).toMatchObject({
      status: 'rejected',
      charged: 'no',
    });
    expectRetryAfter(answer, midnight);
    expect(account.body).toMatchObject({ state: 'daily_limit_reached', calls_today: 51 });
    expect(running.paidCalls()).toEqual([]);
  });
});

describe('a dry run', () => {
  it('returns the result of validation and the account state, and charges and records nothing', async () => {
    const before = (await running.records()).length;
    const dryRun = (value: unknown) => running.post(value, {}, '/photo-avatars?dry_run=true');
    expect(await dryRun({ ...AVATAR, background: ' sea ' })).toMatchObject({
      status: 200,
      body: {
        dry_run: true,
        request: { ...AVATAR, background: 'sea' },
        api_key: 'present',
        account: { state: 'open', slots: { total: 3, in_use: 0 }, daily_call_limit: 51 },
      },
    });
    await running.sendJson('PATCH', '/account', { paused: true });
    expect((await dryRun(AVATAR)).body).toMatchObject({ account: { state: 'paused' } });
    expect(await running.records()).toHaveLength(before);
    expect(running.paidCalls()).toEqual([]);
  });

  it('with dry_run=false submits the request', async () => {
    expect((await running.post(AVATAR, {}, '/photo-avatars?dry_run=false')).status).toBe(201);
  });
});

describe('the account', () => {
  it('is open, with the slots in use and the calls of the day', async () => {
    const account = await withinOneDay(async () => {
      await running.reset();
      await running.post();
      return running.call('GET', '/account');
    });
    expect(account).toMatchObject({
      status: 200,
      body: { state: 'open', slots: { total: 3, in_use: 1 }, calls_today: 1, daily_call_limit: 51 },
    });
  });

  it('is blocked with a reason, a start and an end', async () => {
    running.simulator.control.configure({ credits: 0 });
    await running.post();
    const { body } = await running.call('GET', '/account');
    expect(body).toMatchObject({ state: 'blocked', reason: 'insufficient_credit', calls_today: 0 });
    expect(Date.parse(Object(body).until) - Date.parse(Object(body).since)).toBe(WINDOW_MS);
  });

  it('that is paused rejects paid calls until it resumes', async () => {
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

describe('an unreachable JoggAI', () => {
  let unreachable: RunningService;
  beforeAll(async () => {
    unreachable = await startRunningService({
      joggaiBaseUrl: 'http://127.0.0.1:1',
      environment: { JOGGAI_WINDOW_SECONDS: String(WINDOW_MS / 1_000) },
    });
  });
  afterAll(() => unreachable.close());

  it('queues requests, and makes no further call for a sixth of a window', async () => {
    const first = await timed(() => unreachable.post());
    expect(first.status).toBe(202);
    expect(recordIn(first)).toMatchObject({ status: 'queued', charged: 'no', error: { code: 'not_sent' } });
    const second = await timed(() => unreachable.post());
    expect(recordIn(second)).toMatchObject({ status: 'queued', attempts: 0 });
    expectRetryAfter(second, first.from + WINDOW_MS / 6, first.to + WINDOW_MS / 6);
  });
});
