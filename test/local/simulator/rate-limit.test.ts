import { describe, expect, it } from 'vitest';
import { createRateLimit } from '../../../local/simulator/rate-limit.ts';
import { DEFAULT_SETTINGS, type RateSettings } from '../../../local/simulator/settings.ts';
import { AVATAR, start } from './client.ts';

const perMinute = (limit: number, other: Partial<RateSettings> = {}): RateSettings => ({
  ...DEFAULT_SETTINGS.rate,
  limit,
  ...other,
});

/** Which of the arrivals, in milliseconds, are admitted. */
const admitted = (rate: RateSettings, arrivals: number[]) => {
  const limit = createRateLimit();
  return arrivals.filter((now) => limit.arrive('key', now, rate).admitted);
};

describe('a sliding window', () => {
  it('admits an arrival exactly one window after the one that it replaces', () => {
    expect(admitted(perMinute(2), [0, 30_000, 59_999, 60_000, 89_999, 90_000])).toEqual([
      0, 30_000, 60_000, 90_000,
    ]);
  });

  it('returns the remaining requests and the whole seconds until the next one is admitted', () => {
    const limit = createRateLimit();
    const rate = perMinute(2);
    expect(limit.arrive('key', 0, rate)).toEqual({ admitted: true, remaining: 1, retryAfterSeconds: 0 });
    expect(limit.arrive('key', 500, rate)).toEqual({ admitted: true, remaining: 0, retryAfterSeconds: 60 });
    expect(limit.arrive('key', 58_500, rate)).toEqual({
      admitted: false,
      remaining: 0,
      retryAfterSeconds: 2,
    });
  });

  it('counts refused arrivals only if configured', () => {
    const arrivals = [0, 30_000, 60_000, 120_000];
    expect(admitted(perMinute(1), arrivals)).toEqual([0, 60_000, 120_000]);
    expect(admitted(perMinute(1, { countRefused: true }), arrivals)).toEqual([0, 120_000]);
  });

  it('is separate for each key', () => {
    const limit = createRateLimit();
    expect(limit.arrive('one', 0, perMinute(1)).admitted).toBe(true);
    expect(limit.arrive('other', 0, perMinute(1)).admitted).toBe(true);
  });
});

describe('a fixed window', () => {
  const fixed = (offsetMs: number) => perMinute(2, { window: { type: 'fixed', offsetMs } });

  it('admits its limit between two bounds, also close to them', () => {
    expect(admitted(fixed(10_000), [69_998, 69_999, 69_999, 70_000, 70_001, 70_002])).toEqual([
      69_998, 69_999, 70_000, 70_001,
    ]);
  });

  it('may have an offset in the future', () => {
    expect(admitted(fixed(610_000), [69_998, 69_999, 69_999, 70_000])).toEqual([69_998, 69_999, 70_000]);
  });

  it('frees all its requests at its end', () => {
    const limit = createRateLimit();
    limit.arrive('key', 0, fixed(0));
    expect(limit.arrive('key', 50_000, fixed(0)).retryAfterSeconds).toBe(10);
  });
});

describe('a POST beyond the limit', () => {
  const twoOfTwo = async (rate: Partial<RateSettings>) => {
    let now = 0;
    const simulator = await start({ settings: { rate: { limit: 2, ...rate } }, now: () => now });
    const first = await simulator.postRaw();
    const second = await simulator.postRaw({ ...AVATAR, age: 'Baby' });
    now = 18_000;
    const third = await simulator.postRaw();
    return { ...simulator, first, second, third, at: (time: number) => (now = time) };
  };

  it('is answered 429 and not charged, and a POST with invalid parameters counts', async () => {
    const { first, second, third, control, post, at } = await twoOfTwo({});
    const remaining = [first, second, third].map(({ headers }) => headers.get('x-ratelimit-remaining'));
    expect(remaining).toEqual(['1', '0', '0']);
    expect(third.status).toBe(200);
    expect(JSON.parse(third.body)).toEqual({ code: 429, msg: expect.any(String), data: null });
    expect(control.state().charges).toBe(1);
    at(60_000);
    expect(await post()).toMatchObject({ code: 0 });
  });

  it.each([
    ['body', { code: 429, msg: expect.any(String), data: null, retryAfter: 42 }, null],
    ['data', { code: 429, msg: expect.any(String), data: { retryAfter: 42 } }, null],
    ['header', { code: 429, msg: expect.any(String), data: null }, '42'],
  ] as const)('returns the time to wait in the %s', async (retryAfter, body, header) => {
    const { third } = await twoOfTwo({ retryAfter, httpStatus: 429 });
    expect(third.status).toBe(429);
    expect(JSON.parse(third.body)).toEqual(body);
    expect(third.headers.get('retry-after')).toBe(header);
  });

  it('does not count if its key is refused', async () => {
    const { post } = await start({ settings: { rate: { limit: 1 } } });
    expect(await post(AVATAR, 'wrong')).toMatchObject({ code: 10105 });
    expect(await post(AVATAR, 'wrong')).toMatchObject({ code: 10105 });
    expect(await post()).toMatchObject({ code: 0 });
  });
});
