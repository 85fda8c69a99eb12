import { describe, expect, it } from 'vitest';
import { type AccountNotes, createAccountWatch } from '../../lambda/domain/account-watch.ts';
import { createGate } from '../../lambda/domain/gatekeeper.ts';
import { keyFingerprint } from '../../lambda/domain/identity.ts';
import type { Outcome, Refusal } from '../../lambda/domain/outcome.ts';
import type { AccountChange, ApiKeyState } from '../../lambda/domain/ports.ts';
import { createInMemoryGateStore } from '../support/in-memory-gate-store.ts';

const T0 = Date.UTC(2026, 10, 22, 12);
const MINUTE = 60_000;
const KEY = 'key-1';

/** An account, a gate before it, and dispatches that look at it. */
const createWorld = () => {
  const time = { now: T0 };
  const clock = () => time.now;
  const store = createInMemoryGateStore();
  const gate = () =>
    createGate({ store, settings: { slots: 20, windowMs: MINUTE, dailyCallLimit: 100 }, clock });
  const account: { creditsLeft: number | undefined; key: ApiKeyState } = {
    creditsLeft: 100,
    key: { kind: 'present', value: KEY },
  };
  const noted: { notes: AccountNotes } = { notes: {} };
  const bus = { announced: [] as AccountChange[], isDown: false };
  let attempts = 0;

  const watch = () =>
    createAccountWatch({
      gate: gate(),
      apiKeys: { current: async () => account.key },
      freeApi: { creditsLeft: async () => account.creditsLeft },
      notes: {
        read: async () => noted.notes,
        write: async (next) => {
          noted.notes = next;
        },
      },
      announcer: {
        async accountChanged(change) {
          if (bus.isDown) throw new Error('The bus is down.');
          bus.announced.push(change);
        },
      },
      clock,
    });

  /** One paid call, if the gate lets it through. */
  const call = async (outcome: Outcome): Promise<string> => {
    attempts += 1;
    const attemptId = `attempt-${attempts}`;
    const key = keyFingerprint(KEY);
    const slot = await gate().take({ attemptId, leaseUntil: time.now + 30_000, key });
    if (slot.kind === 'closed') return slot.why.kind;
    await gate().giveBack({ attemptId, slot: slot.slot, takenAt: slot.takenAt, key, outcome });
    return 'called';
  };

  return {
    time,
    account,
    noted,
    bus,
    watch,
    call,
    refuse: (reason: Refusal) => call({ kind: 'refused', reason, code: 18_020, message: '' }),
    accept: () => call({ kind: 'accepted', photoId: 'photo' }),
    /** One dispatch's look, a minute later. */
    async look() {
      time.now += MINUTE;
      const { look, tell } = watch();
      const seen = await look();
      await tell(seen);
      return seen;
    },
    told: () => bus.announced.map(({ kind }) => kind),
  };
};

describe('credits', () => {
  it('are noted with the time at which JoggAI told them', async () => {
    const world = createWorld();
    expect(await world.look()).toMatchObject({ creditsLeft: 100 });
    expect(world.noted.notes.credits).toEqual({ left: 100, at: T0 + MINUTE });
  });

  it('stay as last noted when JoggAI does not say, and are then no gauge', async () => {
    const world = createWorld();
    await world.look();
    world.account.creditsLeft = undefined;
    expect((await world.look()).creditsLeft).toBeUndefined();
    expect(world.noted.notes.credits).toEqual({ left: 100, at: T0 + MINUTE });
  });

  it('are not asked for without a key', async () => {
    const world = createWorld();
    world.account.key = { kind: 'unset' };
    expect((await world.look()).creditsLeft).toBeUndefined();
  });

  it('are noted, and the gauges told, though nobody takes the news', async () => {
    const world = createWorld();
    await world.refuse('insufficient_credit');
    world.account.creditsLeft = 0.1;
    world.bus.isDown = true;
    const { look, tell } = world.watch();
    const seen = await look();
    expect(seen).toMatchObject({ block: { reason: 'insufficient_credit' }, creditsLeft: 0.1 });
    expect(world.noted.notes.credits?.left).toBe(0.1);
    await expect(tell(seen)).rejects.toThrow();
  });
});

/** An account that JoggAI refuses for want of credit, and does not say otherwise. */
const givenBlocked = async () => {
  const world = createWorld();
  await world.refuse('insufficient_credit');
  world.account.creditsLeft = 0;
  return world;
};

describe('a blocked account', () => {
  it('is announced once, with the reason and since when', async () => {
    const world = await givenBlocked();
    for (let minute = 0; minute < 5; minute += 1) await world.look();
    expect(world.bus.announced).toEqual([{ kind: 'blocked', reason: 'insufficient_credit', since: T0 }]);
  });

  it('is blocked for the gauge as long as nobody shows otherwise, also while a probe may go', async () => {
    const world = await givenBlocked();
    for (let minute = 0; minute < 5; minute += 1) {
      expect((await world.look()).block).toMatchObject({ reason: 'insufficient_credit' });
    }
  });

  it('is announced as freed once, after a paid call went through', async () => {
    const world = await givenBlocked();
    await world.look();
    world.account.creditsLeft = undefined;
    expect(await world.accept()).toBe('called');
    const seen = await world.look();
    expect(seen.block).toBeUndefined();
    await world.look();
    expect(world.bus.announced).toEqual([
      { kind: 'blocked', reason: 'insufficient_credit', since: T0 },
      { kind: 'unblocked', since: T0, at: T0 + 2 * MINUTE },
    ]);
  });

  it('is announced again when the next block begins, or the reason is another', async () => {
    const world = await givenBlocked();
    await world.look();
    await world.refuse('no_permission');
    world.account.creditsLeft = undefined;
    await world.look();
    expect(world.bus.announced.map((change) => 'reason' in change && change.reason)).toEqual([
      'insufficient_credit',
      'no_permission',
    ]);
  });

  it.each(['blocked', 'unblocked'] as const)(
    'is announced as %s again after a death before it was noted',
    async (kind) => {
      const world = await givenBlocked();
      if (kind === 'unblocked') {
        await world.look();
        world.account.creditsLeft = undefined;
        world.time.now += MINUTE;
        await world.accept();
      }
      const before = world.noted.notes;
      await world.look();
      // As if the process had ended between the announcement and the note.
      world.noted.notes = before;
      await world.look();
      await world.look();
      expect(world.told().filter((each) => each === kind)).toHaveLength(2);
      const [first, again] = world.bus.announced.filter((each) => each.kind === kind);
      expect(again?.since).toBe(first?.since);
    },
  );

  it('is announced once the bus takes it', async () => {
    const world = await givenBlocked();
    world.bus.isDown = true;
    await expect(world.look()).rejects.toThrow('The bus is down.');
    world.bus.isDown = false;
    await world.look();
    expect(world.told()).toEqual(['blocked']);
  });

  it.each(['unset', 'unreadable'] as const)('is not announced as freed while the key is %s', async (kind) => {
    const world = await givenBlocked();
    await world.look();
    world.account.key = kind === 'unset' ? { kind } : { kind, problem: 'TimeoutError' };
    await world.look();
    world.account.key = { kind: 'present', value: KEY };
    await world.look();
    expect(world.told()).toEqual(['blocked']);
  });

  it('is no longer when the key is another', async () => {
    const world = await givenBlocked();
    await world.look();
    world.account.key = { kind: 'present', value: 'key-2' };
    expect((await world.look()).block).toBeUndefined();
    expect(world.told()).toEqual(['blocked', 'unblocked']);
  });
});

describe('a free read', () => {
  /** A block whose next probe is a quarter of an hour away. */
  const givenLongBlock = async (reason: Refusal) => {
    const world = createWorld();
    world.account.creditsLeft = undefined;
    for (let refusals = 0; refusals < 6; refusals += 1) {
      expect(await world.refuse(reason)).toBe('called');
      world.time.now += 16 * MINUTE;
    }
    expect(await world.refuse(reason)).toBe('called');
    await world.look();
    expect(await world.accept()).toBe('blocked');
    return world;
  };

  it.each([
    ['insufficient_credit', 0.2],
    ['invalid_key', 0],
    ['no_permission', 0],
  ] as const)('that disproves %s lets the probe go, and ends the gauge', async (reason, creditsLeft) => {
    const world = await givenLongBlock(reason);
    world.account.creditsLeft = creditsLeft;
    expect((await world.look()).block).toBeUndefined();
    expect(world.told()).toEqual(['blocked', 'unblocked']);
    expect(await world.accept()).toBe('called');
    expect((await world.look()).account.block).toBeUndefined();
  });

  it('ends the gauge for as long as nobody probes, and tells of it once', async () => {
    const world = await givenLongBlock('insufficient_credit');
    world.account.creditsLeft = 100;
    for (let minute = 0; minute < 5; minute += 1) expect((await world.look()).block).toBeUndefined();
    expect(world.told()).toEqual(['blocked', 'unblocked']);
  });

  it.each([0, 0.19, undefined])(
    'that says %s credits does not disprove a lack of credit',
    async (creditsLeft) => {
      const world = await givenLongBlock('insufficient_credit');
      world.account.creditsLeft = creditsLeft;
      expect((await world.look()).block).toMatchObject({ reason: 'insufficient_credit' });
      expect(await world.accept()).toBe('blocked');
    },
  );

  it('is not believed again once a probe that it let go was refused', async () => {
    const world = await givenLongBlock('no_permission');
    world.account.creditsLeft = 100;
    await world.look();
    expect(await world.refuse('no_permission')).toBe('called');
    for (let minute = 0; minute < 3; minute += 1) {
      expect((await world.look()).block).toMatchObject({ reason: 'no_permission' });
      expect(await world.accept()).toBe('blocked');
    }
    expect(world.told()).toEqual(['blocked', 'unblocked', 'blocked']);
  });

  it('lets one probe go, however many ask', async () => {
    const world = await givenLongBlock('insufficient_credit');
    world.account.creditsLeft = 100;
    await world.look();
    const ends = await Promise.all([world.accept(), world.refuse('insufficient_credit'), world.accept()]);
    expect(ends.filter((end) => end === 'called')).toHaveLength(1);
  });
});
