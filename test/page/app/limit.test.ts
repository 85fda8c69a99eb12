import { describe, expect, it } from 'vitest';
import { createLimit } from '../../../page/app/service/limit.ts';

describe('a limit of two', () => {
  it('runs two tasks at once and the others in their order, also after a failure', async () => {
    const limit = createLimit(2);
    const started: number[] = [];
    const ends: PromiseWithResolvers<string>[] = [];
    const run = (task: number) =>
      limit(() => {
        started.push(task);
        const end = Promise.withResolvers<string>();
        ends.push(end);
        return end.promise;
      });
    const all = [1, 2, 3, 4].map((task) => run(task).catch(() => 'failed'));
    expect(started).toEqual([1, 2]);
    ends[1]?.reject(new Error());
    expect(await all[1]).toBe('failed');
    expect(started).toEqual([1, 2, 3]);
    ends[0]?.resolve('first');
    expect(await all[0]).toBe('first');
    expect(started).toEqual([1, 2, 3, 4]);
    ends[2]?.resolve('third');
    ends[3]?.resolve('fourth');
    expect(await Promise.all(all)).toEqual(['first', 'failed', 'third', 'fourth']);
  });
});
