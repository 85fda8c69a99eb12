import { describe, expect, it } from 'vitest';
import { createVirtualTime } from './virtual-time.ts';

describe('virtual time', () => {
  it('jumps to what is due next, and what is due at once happens in the order of asking', async () => {
    const { clock, wait, finish } = createVirtualTime(1_000);
    const happened: string[] = [];
    const say = async (word: string, milliseconds: number) => {
      await wait(milliseconds);
      happened.push(`${word} at ${clock()}`);
    };
    await finish(Promise.all([say('late', 60_000), say('first', 5), say('second', 5)]));
    expect(happened).toEqual(['first at 1005', 'second at 1005', 'late at 61000']);
  });

  it('stands still until every promise that can go on has done so', async () => {
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

  it('says so when the work waits for something that never happens', async () => {
    const { finish } = createVirtualTime(0);
    await expect(finish(new Promise(() => {}))).rejects.toThrow('Time stands still');
  });

  it("passes on the work's own error", async () => {
    const { wait, finish } = createVirtualTime(0);
    const broken = wait(1).then(() => Promise.reject(new Error('broken')));
    await expect(finish(broken)).rejects.toThrow('broken');
  });
});
