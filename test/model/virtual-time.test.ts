import { describe, expect, it } from 'vitest';
import { createVirtualTime } from '../../model/virtual-time.ts';

describe('virtual time', () => {
  it('jumps to the next timer, and fires timers of the same time in the order in which they were set', async () => {
    const { clock, wait, finish } = createVirtualTime(1_000);
    const log: string[] = [];
    const logAfter = async (word: string, milliseconds: number) => {
      await wait(milliseconds);
      log.push(`${word} at ${clock()}`);
    };
    await finish(Promise.all([logAfter('late', 60_000), logAfter('first', 5), logAfter('second', 5)]));
    expect(log).toEqual(['first at 1005', 'second at 1005', 'late at 61000']);
  });

  it('does not advance before all settled promises have run their callbacks', async () => {
    const { clock, wait, finish } = createVirtualTime(0);
    const times: number[] = [];
    const work = async () => {
      await wait(1);
      for (let turn = 0; turn < 100; turn += 1) await Promise.resolve();
      times.push(clock());
    };
    await finish(Promise.all([work(), wait(2)]));
    expect(times).toEqual([1]);
  });

  it('reports work that is pending with no timer left', async () => {
    const { finish } = createVirtualTime(0);
    await expect(finish(new Promise(() => {}))).rejects.toThrow('no timer is left to fire');
  });

  it('passes on the error of the work', async () => {
    const { wait, finish } = createVirtualTime(0);
    const broken = wait(1).then(() => Promise.reject(new Error('broken')));
    await expect(finish(broken)).rejects.toThrow('broken');
  });
});
