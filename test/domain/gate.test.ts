import { describe, expect, it } from 'vitest';
import {
  type AccountState,
  callsToday,
  decideReturn,
  decideTake,
  type GateView,
  type Return,
  type Slot,
  slotsInUse,
  type Taker,
} from '../../lambda/domain/gate.ts';
import type { Outcome } from '../../lambda/domain/outcome.ts';

const NOW = Date.UTC(2026, 10, 22, 12);
const TODAY = '2026-11-22';
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const SETTINGS = { slots: 3, windowMs: MINUTE, dailyCallLimit: 100 };

const slot = (fields: Partial<Slot> = {}) => ({
  until: 0,
  holder: 'somebody',
  calls: 1,
  day: TODAY,
  rev: 'r',
  ...fields,
});
const viewOf = (slots: readonly Slot[], account?: AccountState): GateView => ({
  slots: new Map(slots.map((each, index) => [index, { ...each, rev: `r${index}` }])),
  account: account && { ...account, rev: 'ra' },
});
const taker = (fields: Partial<Taker> = {}): Taker => ({
  attemptId: 'me',
  now: NOW,
  leaseUntil: NOW + 34 * SECOND,
  key: 'key-1',
  ...fields,
});
const first = (free: readonly number[]) => free[0] ?? 0;
const take = (view: GateView, fields: Partial<Taker> = {}, settings = SETTINGS) =>
  decideTake(view, settings, taker(fields), first);
const giveBack = (view: GateView, outcome: Return['outcome'], fields: Partial<Return> = {}) =>
  decideReturn(view, SETTINGS, {
    attemptId: 'me',
    slot: 0,
    now: NOW + SECOND,
    takenAt: NOW,
    key: 'key-1',
    outcome,
    ...fields,
  });

describe('a slot', () => {
  it('is taken until a window after the lease, and counts as a paid call', () => {
    expect(take(viewOf([]))).toMatchObject({
      kind: 'open',
      slot: 0,
      write: {
        slots: new Map([[0, { until: NOW + 94 * SECOND, holder: 'me', calls: 1, day: TODAY }]]),
        dependsOn: { slots: [0], account: true },
      },
    });
  });

  it('that is taken is not taken again before its time is over', () => {
    const busy = viewOf([slot({ until: NOW + 1 }), slot({ until: NOW }), slot({ until: NOW + 9 })]);
    expect(take(busy)).toMatchObject({ kind: 'open', slot: 1 });
    expect(slotsInUse(busy, SETTINGS, NOW)).toBe(2);
  });

  it('is waited for until the first one is free', () => {
    const full = viewOf([NOW + 9_000, NOW + 4_000, NOW + 7_000].map((until) => slot({ until })));
    expect(take(full)).toEqual({ kind: 'closed', why: { kind: 'full', until: NOW + 4_000 } });
  });

  it('is one of those that the settings say, however many there were once', () => {
    const wider = viewOf([NOW + 9, NOW + 9, NOW + 9, 0].map((until) => slot({ until })));
    expect(take(wider)).toMatchObject({ kind: 'closed', why: { kind: 'full' } });
  });

  it('may be chosen by the taker among the free ones', () => {
    const busy = viewOf([slot({ until: NOW + 1 })]);
    const offered: (readonly number[])[] = [];
    decideTake(busy, SETTINGS, taker(), (free) => {
      offered.push(free);
      return 2;
    });
    expect(offered).toEqual([[1, 2]]);
  });
});

describe('a slot that is given back', () => {
  const mine = viewOf([slot({ holder: 'me', until: NOW + 94 * SECOND, calls: 5 })]);
  const slotAfter = (outcome: Return['outcome']) => giveBack(mine, outcome).slots.get(0);
  const refusal = (reason: 'insufficient_credit' | 'invalid_parameters'): Outcome => ({
    kind: 'refused',
    reason,
    code: 1,
    message: '',
  });

  it.each<[string, Return['outcome'], { until: number; calls: number }]>([
    ['was not used', { kind: 'unused' }, { until: NOW + SECOND, calls: 4 }],
    ['did not reach JoggAI', { kind: 'not_sent', cause: 'x' }, { until: NOW + SECOND, calls: 4 }],
    ['was refused', refusal('insufficient_credit'), { until: NOW + SECOND + MINUTE, calls: 4 }],
    ['was called wrong', refusal('invalid_parameters'), { until: NOW + SECOND + MINUTE, calls: 4 }],
    ['met 429', { kind: 'rate_limited', retryAfterSeconds: 9 }, { until: NOW + SECOND + MINUTE, calls: 4 }],
    ['was turned away', { kind: 'turned_away', httpStatus: 403 }, { until: NOW + SECOND + MINUTE, calls: 4 }],
    ['was taken', { kind: 'accepted', photoId: 'p' }, { until: NOW + SECOND + MINUTE, calls: 5 }],
    ['failed', { kind: 'failed', code: 50000, message: '' }, { until: NOW + SECOND + MINUTE, calls: 5 }],
    ['got no answer', { kind: 'no_answer', cause: 'x' }, { until: NOW + 94 * SECOND, calls: 5 }],
  ])(
    'by a call that %s is free at the right time and counts what may be paid for',
    (_, outcome, expected) => {
      expect(slotAfter(outcome)).toMatchObject(expected);
    },
  );

  it('is left alone where somebody else holds it by now', () => {
    const theirs = viewOf([slot({ holder: 'them', until: NOW + 94 * SECOND })]);
    expect(giveBack(theirs, { kind: 'accepted', photoId: 'p' })).toEqual({
      slots: new Map(),
      dependsOn: { slots: [], account: false },
    });
  });

  it('depends on nothing but itself where nothing is learned of the account', () => {
    expect(giveBack(mine, { kind: 'accepted', photoId: 'p' }).dependsOn).toEqual({
      slots: [0],
      account: false,
    });
  });
});

describe('the daily limit', () => {
  const settings = { ...SETTINGS, dailyCallLimit: 10 };
  const midnight = Date.UTC(2026, 10, 23);

  it('closes the gate until midnight UTC when it is reached', () => {
    const spent = viewOf([slot({ calls: 4 }), slot({ calls: 4 }), slot({ calls: 2 })]);
    expect(take(spent, {}, settings)).toEqual({
      kind: 'closed',
      why: { kind: 'spent', limit: 10, until: midnight },
    });
    expect(take(spent, { now: midnight - 1 }, settings)).toMatchObject({ kind: 'closed' });
  });

  it('starts anew at midnight UTC', () => {
    const spent = viewOf([slot({ calls: 10 })]);
    const taken = take(spent, { now: midnight, leaseUntil: midnight }, settings);
    expect(taken).toMatchObject({ kind: 'open' });
    if (taken.kind === 'open')
      expect(taken.write.slots.get(taken.slot)).toMatchObject({ calls: 1, day: '2026-11-23' });
    expect(callsToday(spent, midnight - 1)).toBe(10);
    expect(callsToday(spent, midnight)).toBe(0);
  });

  it('makes a taker depend on every slot when all of them together could overspend, and not before', () => {
    const dependsOn = (calls: number) => {
      const decision = take(viewOf([slot({ calls })]), {}, settings);
      return decision.kind === 'open' ? decision.write.dependsOn.slots : undefined;
    };
    expect(dependsOn(7)).toEqual([0]);
    expect(dependsOn(8)).toEqual([0, 1, 2]);
    expect(dependsOn(9)).toEqual([0, 1, 2]);
    expect(dependsOn(10)).toBeUndefined();
  });
});
