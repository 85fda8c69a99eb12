import { describe, expect, it } from 'vitest';
import { type AccountNotes, createAccountWatch } from '../../lambda/domain/gate/account-watch.ts';
import { createGate } from '../../lambda/domain/gate/gate.ts';
import type { Outcome, Refusal } from '../../lambda/domain/outcome.ts';
import type { AccountChange, ApiKeyState } from '../../lambda/domain/ports.ts';
import { keyFingerprint } from '../../lambda/domain/request/identity.ts';
import { createInMemoryGateStore } from '../../model/in-memory-gate-store.ts';

const T0 = Date.UTC(2026, 10, 22, 12);
const MINUTE = 60_000;
const KEY = 'key-1';

/** An account, its gate, and dispatches that check the account. */
const createWorld = () => {
  const time = { now: T0 };
  const clock = () => time.now;
  const store = createInMemoryGateStore();
  const gate = () =>
    createGate({ store, settings: { slots: 20, windowMs: MINUTE, dailyCallLimit: 100 }, clock });
  /** `key` is the one that the process has cached; `stored` is in the secret, if that has another one. */
  const account: { creditsLeft: number | undefined; key: ApiKeyState; stored?: ApiKeyState } = {
    creditsLeft: 100,
    key: { kind: 'present', value: KEY },
  };
  const noted: { notes: AccountNotes } = { notes: {} };
  const bus = { published: [] as AccountChange[], isDown: false };
  let attempts = 0;

  const watch = () =>
    createAccountWatch({
      gate: gate(),
      apiKeys: {
        current: async () => account.key,
        async refreshed() {
          account.key = account.stored ?? account.key;
          return account.key;
        },
      },
      freeApi: { creditsLeft: async () => account.creditsLeft },
      notes: {
        read: async () => noted.notes,
        write: async (next) => {
          noted.notes = next;
        },
      },
      publisher: {
        async accountChanged(change) {
          if (bus.isDown) throw new Error('The bus is down.');
          bus.published.push(change);
        },
      },
      clock,
    });

  /** One paid call, if the gate admits it. */
  const call = async (outcome: Outcome): Promise<string> => {
    attempts += 1;
    const attemptId = `attempt-${attempts}`;
    const key = keyFingerprint(KEY);
    const slot = await gate().acquire({ attemptId, leaseUntil: time.now + 30_000, key });
    if (slot.kind === 'rejected') return slot.rejection.kind;
    await gate().release({ attemptId, slot: slot.slot, acquiredAt: slot.acquiredAt, key, outcome });
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
    /** The check of one dispatch, a minute later. */
    async check() {
      time.now += MINUTE;
      const { check, publishChange } = watch();
      const checked = await check();
      await publishChange(checked);
      return checked;
    },
    publishedKinds: () => bus.published.map(({ kind }) => kind),
  };
};

describe('credits', () => {
  it('are noted with the time of the read', async () => {
    const world = createWorld();
    expect(await world.check()).toMatchObject({ creditsLeft: 100 });
    expect(world.noted.notes.credits).toEqual({ left: 100, at: T0 + MINUTE });
  });

  it('stay as last noted if JoggAI does not report them, and the check returns none', async () => {
    const world = createWorld();
    await world.check();
    world.account.creditsLeft = undefined;
    expect((await world.check()).creditsLeft).toBeUndefined();
    expect(world.noted.notes.credits).toEqual({ left: 100, at: T0 + MINUTE });
  });

  it('are not read without a key', async () => {
    const world = createWorld();
    world.account.key = { kind: 'unset' };
    expect((await world.check()).creditsLeft).toBeUndefined();
  });

  it('are noted and returned even if the event cannot be published', async () => {
    const world = createWorld();
    await world.refuse('insufficient_credit');
    world.account.creditsLeft = 0.1;
    world.bus.isDown = true;
    const { check, publishChange } = world.watch();
    const checked = await check();
    expect(checked).toMatchObject({ block: { reason: 'insufficient_credit' }, creditsLeft: 0.1 });
    expect(world.noted.notes.credits?.left).toBe(0.1);
    await expect(publishChange(checked)).rejects.toThrow();
  });
});

/** An account that JoggAI refuses for lack of credit, with no free read that disproves it. */
const givenBlocked = async () => {
  const world = createWorld();
  await world.refuse('insufficient_credit');
  world.account.creditsLeft = 0;
  return world;
};

describe('a blocked account', () => {
  it('is published once, with the reason and the start of the block', async () => {
    const world = await givenBlocked();
    for (let minute = 0; minute < 5; minute += 1) await world.check();
    expect(world.bus.published).toEqual([{ kind: 'blocked', reason: 'insufficient_credit', since: T0 }]);
  });

  it('is reported as blocked until a call disproves it, also while a probe is allowed', async () => {
    const world = await givenBlocked();
    for (let minute = 0; minute < 5; minute += 1) {
      expect((await world.check()).block).toMatchObject({ reason: 'insufficient_credit' });
    }
  });

  it('is published as unblocked once, after a paid call succeeded', async () => {
    const world = await givenBlocked();
    await world.check();
    world.account.creditsLeft = undefined;
    expect(await world.accept()).toBe('called');
    const checked = await world.check();
    expect(checked.block).toBeUndefined();
    await world.check();
    expect(world.bus.published).toEqual([
      { kind: 'blocked', reason: 'insufficient_credit', since: T0 },
      { kind: 'unblocked', since: T0, at: T0 + 2 * MINUTE },
    ]);
  });

  it('is published again if its reason changes', async () => {
    const world = await givenBlocked();
    await world.check();
    await world.refuse('no_permission');
    world.account.creditsLeft = undefined;
    await world.check();
    expect(world.bus.published.map((change) => 'reason' in change && change.reason)).toEqual([
      'insufficient_credit',
      'no_permission',
    ]);
  });

  it.each(['blocked', 'unblocked'] as const)(
    'is published as %s again if the process ended before it noted the event',
    async (kind) => {
      const world = await givenBlocked();
      if (kind === 'unblocked') {
        await world.check();
        world.account.creditsLeft = undefined;
        world.time.now += MINUTE;
        await world.accept();
      }
      const before = world.noted.notes;
      await world.check();
      // As if the process had ended between the event and the note.
      world.noted.notes = before;
      await world.check();
      await world.check();
      expect(world.publishedKinds().filter((each) => each === kind)).toHaveLength(2);
      const [first, second] = world.bus.published.filter((each) => each.kind === kind);
      expect(second?.since).toBe(first?.since);
    },
  );

  it('is published when the bus works again', async () => {
    const world = await givenBlocked();
    world.bus.isDown = true;
    await expect(world.check()).rejects.toThrow('The bus is down.');
    world.bus.isDown = false;
    await world.check();
    expect(world.publishedKinds()).toEqual(['blocked']);
  });

  it.each(['unset', 'unreadable'] as const)(
    'is not published as unblocked while the key is %s',
    async (kind) => {
      const world = await givenBlocked();
      await world.check();
      world.account.key = kind === 'unset' ? { kind } : { kind, problem: 'TimeoutError' };
      await world.check();
      world.account.key = { kind: 'present', value: KEY };
      await world.check();
      expect(world.publishedKinds()).toEqual(['blocked']);
    },
  );

  it('is published as unblocked when the key in the secret changes', async () => {
    const world = await givenBlocked();
    await world.check();
    world.account.stored = { kind: 'present', value: 'key-2' };
    expect((await world.check()).block).toBeUndefined();
    expect(world.publishedKinds()).toEqual(['blocked', 'unblocked']);
  });
});

describe('a free read', () => {
  /** A block whose next probe is due in 15 minutes. */
  const givenLongBlock = async (reason: Refusal) => {
    const world = createWorld();
    world.account.creditsLeft = undefined;
    for (let refusals = 0; refusals < 6; refusals += 1) {
      expect(await world.refuse(reason)).toBe('called');
      world.time.now += 16 * MINUTE;
    }
    expect(await world.refuse(reason)).toBe('called');
    await world.check();
    expect(await world.accept()).toBe('blocked');
    return world;
  };

  it.each([['insufficient_credit', 0.2]] as const)(
    'that disproves %s allows the probe, and ends the reported block',
    async (reason, creditsLeft) => {
      const world = await givenLongBlock(reason);
      world.account.creditsLeft = creditsLeft;
      expect((await world.check()).block).toBeUndefined();
      expect(world.publishedKinds()).toEqual(['blocked', 'unblocked']);
      expect(await world.accept()).toBe('called');
      expect((await world.check()).account.block).toBeUndefined();
    },
  );

  it('ends the reported block until the next probe, and the end is published once', async () => {
    const world = await givenLongBlock('insufficient_credit');
    world.account.creditsLeft = 100;
    for (let minute = 0; minute < 5; minute += 1) expect((await world.check()).block).toBeUndefined();
    expect(world.publishedKinds()).toEqual(['blocked', 'unblocked']);
  });

  it.each([0, 0.19, undefined])('of %s credits does not disprove a lack of credit', async (creditsLeft) => {
    const world = await givenLongBlock('insufficient_credit');
    world.account.creditsLeft = creditsLeft;
    expect((await world.check()).block).toMatchObject({ reason: 'insufficient_credit' });
    expect(await world.accept()).toBe('blocked');
  });

  it.each(['no_permission', 'invalid_key'] as const)('of any credit does not disprove %s', async (reason) => {
    const world = await givenLongBlock(reason);
    world.account.creditsLeft = 100;
    expect((await world.check()).block).toMatchObject({ reason });
    expect(await world.accept()).toBe('blocked');
  });

  it('no longer disproves a block after a probe that it allowed was refused', async () => {
    const world = await givenLongBlock('insufficient_credit');
    world.account.creditsLeft = 100;
    await world.check();
    expect(await world.refuse('insufficient_credit')).toBe('called');
    for (let minute = 0; minute < 3; minute += 1) {
      expect((await world.check()).block).toMatchObject({ reason: 'insufficient_credit' });
      expect(await world.accept()).toBe('blocked');
    }
    expect(world.publishedKinds()).toEqual(['blocked', 'unblocked', 'blocked']);
  });

  it('allows one probe, for any number of concurrent requests', async () => {
    const world = await givenLongBlock('insufficient_credit');
    world.account.creditsLeft = 100;
    await world.check();
    const ends = await Promise.all([world.accept(), world.refuse('insufficient_credit'), world.accept()]);
    expect(ends.filter((end) => end === 'called')).toHaveLength(1);
  });
});
