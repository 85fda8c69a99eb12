import { describe, expect, it } from 'vitest';
import type { AccountState, SlotRelease, SlotRequest } from '../../lambda/domain/gate/account-rules.ts';
import {
  callsToday,
  decideAcquire,
  decideRelease,
  type GateView,
  type Slot,
  slotsInUse,
} from '../../lambda/domain/gate/gate-rules.ts';
import type { Outcome } from '../../lambda/domain/outcome.ts';

const NOW = Date.UTC(2026, 10, 22, 12);
const TODAY = '2026-11-22';
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const SETTINGS = { slots: 3, windowMs: MINUTE, dailyCallLimit: 100 };

const slot = (fields: Partial<Slot> = {}) => ({
  until: 0,
  holder: 'other',
  calls: 1,
  day: TODAY,
  rev: 'r',
  ...fields,
});
const viewOf = (slots: readonly Slot[], account?: AccountState): GateView => ({
  slots: new Map(slots.map((each, index) => [index, { ...each, rev: `r${index}` }])),
  account: account && { ...account, rev: 'ra' },
});
const requestOf = (fields: Partial<SlotRequest> = {}): SlotRequest => ({
  attemptId: 'me',
  now: NOW,
  leaseUntil: NOW + 34 * SECOND,
  key: 'key-1',
  ...fields,
});
const first = (free: readonly number[]) => free[0] ?? 0;
const acquire = (view: GateView, fields: Partial<SlotRequest> = {}, settings = SETTINGS) =>
  decideAcquire(view, settings, requestOf(fields), first);
const release = (view: GateView, outcome: SlotRelease['outcome'], fields: Partial<SlotRelease> = {}) =>
  decideRelease(view, SETTINGS, {
    attemptId: 'me',
    slot: 0,
    now: NOW + SECOND,
    acquiredAt: NOW,
    key: 'key-1',
    outcome,
    ...fields,
  });

describe('a slot', () => {
  it('is held until one window after the lease, and counts as a paid call', () => {
    expect(acquire(viewOf([]))).toMatchObject({
      kind: 'admitted',
      slot: 0,
      write: {
        slots: new Map([[0, { until: NOW + 94 * SECOND, holder: 'me', calls: 1, day: TODAY }]]),
        dependsOn: { slots: [0], account: true },
      },
    });
  });

  it('that is held is not acquired again before it is free', () => {
    const busy = viewOf([slot({ until: NOW + 1 }), slot({ until: NOW }), slot({ until: NOW + 9 })]);
    expect(acquire(busy)).toMatchObject({ kind: 'admitted', slot: 1 });
    expect(slotsInUse(busy, SETTINGS, NOW)).toBe(2);
  });

  it('is available when the first one is free', () => {
    const allHeld = viewOf([NOW + 9_000, NOW + 4_000, NOW + 7_000].map((until) => slot({ until })));
    expect(acquire(allHeld)).toEqual({
      kind: 'rejected',
      rejection: { kind: 'rate_limited', until: NOW + 4_000 },
    });
  });

  it('is one of the configured slots, even if there were more before', () => {
    const wider = viewOf([NOW + 9, NOW + 9, NOW + 9, 0].map((until) => slot({ until })));
    expect(acquire(wider)).toMatchObject({ kind: 'rejected', rejection: { kind: 'rate_limited' } });
  });

  it('may be chosen among the free ones', () => {
    const busy = viewOf([slot({ until: NOW + 1 })]);
    const offered: (readonly number[])[] = [];
    decideAcquire(busy, SETTINGS, requestOf(), (free) => {
      offered.push(free);
      return 2;
    });
    expect(offered).toEqual([[1, 2]]);
  });
});

describe('a cautious request', () => {
  const inFlight = slot({ until: NOW + 30 * SECOND + MINUTE });
  const answeredAt = (at: number) => slot({ until: at + MINUTE });
  const isAdmitted = (view: GateView) => acquire(view, { isCautious: true }).kind === 'admitted';

  it('is rejected while another call is in flight, unless JoggAI answered lately and well', () => {
    expect(isAdmitted(viewOf([]))).toBe(true);
    expect(isAdmitted(viewOf([inFlight]))).toBe(false);
    expect(isAdmitted(viewOf([inFlight, answeredAt(NOW - SECOND)]))).toBe(true);
    expect(isAdmitted(viewOf([inFlight, answeredAt(NOW - 21 * SECOND)]))).toBe(false);
    expect(isAdmitted(viewOf([answeredAt(NOW - SECOND)]))).toBe(true);
    const afterBadOutcome = { outage: { badOutcomes: 1 }, rev: 'r' };
    expect(isAdmitted({ ...viewOf([inFlight, answeredAt(NOW - SECOND)]), account: afterBadOutcome })).toBe(
      false,
    );
    expect(acquire(viewOf([inFlight])).kind).toBe('admitted');
  });

  it('depends on the whole item, so that one of several is the first to call', () => {
    expect(acquire(viewOf([]), { isCautious: true })).toMatchObject({ write: { dependsOn: 'item' } });
  });
});

describe('a released slot', () => {
  const mine = viewOf([slot({ holder: 'me', until: NOW + 94 * SECOND, calls: 5 })]);
  const slotAfter = (outcome: SlotRelease['outcome']) => release(mine, outcome).slots.get(0);
  const refusal = (reason: 'insufficient_credit' | 'invalid_parameters'): Outcome => ({
    kind: 'refused',
    reason,
    code: 1,
    message: '',
  });

  it.each<[string, SlotRelease['outcome'], { until: number; calls: number }]>([
    ['was not used', { kind: 'unused' }, { until: NOW + SECOND, calls: 4 }],
    ['did not reach JoggAI', { kind: 'not_sent', cause: 'x' }, { until: NOW + SECOND, calls: 4 }],
    ['was refused', refusal('insufficient_credit'), { until: NOW + SECOND + MINUTE, calls: 4 }],
    ['had invalid parameters', refusal('invalid_parameters'), { until: NOW + SECOND + MINUTE, calls: 4 }],
    ['got 429', { kind: 'rate_limited', retryAfterSeconds: 9 }, { until: NOW + SECOND + MINUTE, calls: 4 }],
    [
      'was rejected with an HTTP status',
      { kind: 'http_rejected', httpStatus: 403 },
      { until: NOW + SECOND + MINUTE, calls: 4 },
    ],
    ['was accepted', { kind: 'accepted', photoId: 'p' }, { until: NOW + SECOND + MINUTE, calls: 5 }],
    ['failed', { kind: 'failed', code: 50000, message: '' }, { until: NOW + SECOND + MINUTE, calls: 5 }],
    ['got no answer', { kind: 'no_answer', cause: 'x' }, { until: NOW + 94 * SECOND, calls: 5 }],
  ])(
    'of a call that %s is free in time, and counts the call if it may have been charged',
    (_, outcome, expected) => {
      expect(slotAfter(outcome)).toMatchObject(expected);
    },
  );

  it('is unchanged if another attempt holds it by now', () => {
    const theirs = viewOf([slot({ holder: 'them', until: NOW + 94 * SECOND })]);
    expect(release(theirs, { kind: 'accepted', photoId: 'p' })).toEqual({
      slots: new Map(),
      dependsOn: { slots: [], account: false },
    });
  });

  it('depends only on itself if the outcome does not change the account', () => {
    expect(release(mine, { kind: 'accepted', photoId: 'p' }).dependsOn).toEqual({
      slots: [0],
      account: false,
    });
  });
});

describe('the daily limit', () => {
  const settings = { ...SETTINGS, dailyCallLimit: 10 };
  const midnight = Date.UTC(2026, 10, 23);

  it('rejects calls until midnight UTC when it is reached', () => {
    const atLimit = viewOf([slot({ calls: 4 }), slot({ calls: 4 }), slot({ calls: 2 })]);
    expect(acquire(atLimit, {}, settings)).toEqual({
      kind: 'rejected',
      rejection: { kind: 'daily_limit_reached', limit: 10, until: midnight },
    });
    expect(acquire(atLimit, { now: midnight - 1 }, settings)).toMatchObject({ kind: 'rejected' });
  });

  it('restarts at midnight UTC', () => {
    const atLimit = viewOf([slot({ calls: 10 })]);
    const decision = acquire(atLimit, { now: midnight, leaseUntil: midnight }, settings);
    expect(decision).toMatchObject({ kind: 'admitted' });
    if (decision.kind === 'admitted')
      expect(decision.write.slots.get(decision.slot)).toMatchObject({ calls: 1, day: '2026-11-23' });
    expect(callsToday(atLimit, midnight - 1)).toBe(10);
    expect(callsToday(atLimit, midnight)).toBe(0);
  });

  it('makes a request depend on the whole item near the limit, and only there', () => {
    const dependsOn = (calls: number) => {
      const decision = acquire(viewOf([slot({ calls })]), {}, settings);
      return decision.kind === 'admitted' ? decision.write.dependsOn : undefined;
    };
    expect(dependsOn(7)).toEqual({ slots: [0], account: true });
    expect(dependsOn(8)).toBe('item');
    expect(dependsOn(9)).toBe('item');
    expect(dependsOn(10)).toBeUndefined();
  });
});
