import { describe, expect, it } from 'vitest';
import { startPolling, type Timer } from '../../../page/app/service/polling.ts';

/** A timer that runs out when the test says so. */
const manualTimer = () => {
  const pending = new Map<number, { run: () => void; milliseconds: number }>();
  let last = 0;
  const timer: Timer = {
    set(run, milliseconds) {
      last += 1;
      pending.set(last, { run, milliseconds });
      return last;
    },
    clear: (id) => void pending.delete(id),
  };
  return {
    timer,
    waits: () => [...pending.values()].map(({ milliseconds }) => milliseconds),
    runOut() {
      for (const [id, { run }] of [...pending]) {
        pending.delete(id);
        run();
      }
    },
  };
};

/** Reads that answer when the test says so. */
const givenPolling = ({ isHeld = () => false }: { isHeld?: () => boolean } = {}) => {
  const clock = manualTimer();
  const answers: (() => void)[] = [];
  let reads = 0;
  const polling = startPolling({
    everyMs: () => 3_000,
    isHeld,
    timer: clock.timer,
    read() {
      reads += 1;
      return new Promise((resolve) => answers.push(resolve));
    },
  });
  /** Lets everything run that waits for no timer. */
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return {
    polling,
    clock,
    settle,
    reads: () => reads,
    async answer() {
      answers.shift()?.();
      await settle();
    },
  };
};

describe('polling', () => {
  it('starts the next read only after the answer and a pause', async () => {
    const { clock, reads, answer, settle } = givenPolling();
    await settle();
    expect(reads()).toBe(1);
    expect(clock.waits()).toEqual([]);
    await answer();
    expect(reads()).toBe(1);
    expect(clock.waits()).toEqual([3_000]);
    clock.runOut();
    await settle();
    expect(reads()).toBe(2);
  });

  it('has one read in flight, however often it is asked to refresh', async () => {
    const { polling, clock, reads, answer, settle } = givenPolling();
    await settle();
    polling.refresh();
    polling.refresh();
    polling.wake();
    await settle();
    expect(reads()).toBe(1);
    await answer();
    expect(reads()).toBe(2);
    await answer();
    expect(reads()).toBe(2);
    expect(clock.waits()).toEqual([3_000]);
  });

  it('reads nothing while it is held, and at once when that ends', async () => {
    let isHeld = true;
    const { polling, clock, reads, settle } = givenPolling({ isHeld: () => isHeld });
    await settle();
    clock.runOut();
    polling.wake();
    await settle();
    expect(reads()).toBe(0);
    isHeld = false;
    polling.wake();
    await settle();
    expect(reads()).toBe(1);
  });

  it('reads once when a person asks for it, also while it is held', async () => {
    const { polling, reads, answer, settle } = givenPolling({ isHeld: () => true });
    await settle();
    polling.refresh();
    await settle();
    expect(reads()).toBe(1);
    await answer();
    expect(reads()).toBe(1);
  });

  it('reads no more after it is stopped', async () => {
    const { polling, clock, reads, answer, settle } = givenPolling();
    await settle();
    polling.stop();
    await answer();
    expect(clock.waits()).toEqual([]);
    polling.refresh();
    await settle();
    expect(reads()).toBe(1);
  });
});
