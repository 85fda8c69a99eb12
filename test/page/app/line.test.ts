import { describe, expect, it } from 'vitest';
import type { RecordView } from '../../../client/index.ts';
import {
  highestOf,
  hourText,
  minuteAt,
  scaleOf,
  stackOf,
  sumsOf,
} from '../../../page/app/line/chart-data.ts';
import { createThumbnails } from '../../../page/app/line/thumbnails.ts';
import { readUnresolved } from '../../../page/app/line/unresolved.ts';
import { eventually } from '../../support/eventually.ts';

const hour = {
  from: '2026-11-27T11:00:00.000Z',
  accepted: [0, 4, null],
  queued: [0, 6, 0],
  longestWait: [null, 90, 30],
  failed: [0, 1, 0],
  inDoubt: [0, 0, 1],
  calls: [0, 5, 1],
  slotsInUse: [null, 5, 6],
};

describe('the chart of the hour', () => {
  it('stacks the figures of a minute from the base line', () => {
    expect(stackOf(hour, 1, ['accepted', 'queued', 'inDoubt'], 10, 100)).toEqual([
      { series: 'accepted', y: 60, height: 40 },
      { series: 'queued', y: 0, height: 60 },
    ]);
    expect(stackOf(hour, 2, ['accepted'], 10, 100)).toEqual([]);
  });

  it('has a round scale that the highest minute fits below', () => {
    expect([0, 3, 7, 11, 23, 100, 101].map(scaleOf)).toEqual([4, 4, 10, 20, 25, 100, 200]);
    expect(Math.max(...sumsOf(hour, ['accepted', 'queued']))).toBe(10);
    expect(highestOf([null, null])).toBe(0);
  });

  it('says the same in a sentence', () => {
    expect(hourText(hour, 20)).toBe(
      'In the last hour: 4 accepted, 6 queued, 1 failed, 1 in doubt; 6 paid calls, at most 6 of 20 slots in use; longest wait 1 min.',
    );
    expect(new Date(minuteAt(hour, 2)).toISOString()).toBe('2026-11-27T11:02:00.000Z');
  });
});

const record = (id: string, change: Partial<RecordView> = {}): RecordView => ({
  id,
  version: 1,
  status: 'succeeded',
  charged: 'yes',
  source: 'http',
  caller: 'x',
  attempts: 1,
  actions: [],
  created_at: '2026-11-27T11:59:00Z',
  updated_at: '2026-11-27T11:59:00Z',
  history: [],
  ...change,
});

describe('the requests to resolve', () => {
  it('are those of each status that a decision is offered for, the oldest first', async () => {
    const records = {
      in_doubt: [record('b', { actions: ['resubmit', 'close'], created_at: '2026-11-27T11:30:00Z' })],
      failed: [record('closed'), record('a', { actions: ['close'], created_at: '2026-11-27T11:00:00Z' })],
      rejected: [record('not charged')],
    };
    const { items, isPartial } = await readUnresolved({
      listPage: async ({ status } = {}) => ({
        items: records[status as keyof typeof records],
        nextCursor: undefined,
      }),
    });
    expect(items.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(isPartial).toBe(false);
  });

  it('may be more where there is a next page', async () => {
    const { isPartial } = await readUnresolved({ listPage: async () => ({ items: [], nextCursor: 'next' }) });
    expect(isPartial).toBe(true);
  });
});

describe('thumbnails', () => {
  const image = {
    url: 'https://joggai.example/1.png',
    copy: { bucket: 'b', key: 'k', content_type: 'image/png', bytes: 1 },
  };
  const withImage = record('a', { images: [image] });

  const given = () => {
    const reads: string[] = [];
    let time = 1_000_000;
    const thumbnails = createThumbnails(
      async (id) => {
        reads.push(id);
        return record(id, { images: [{ ...image, link: `https://bucket.example/${reads.length}` }] });
      },
      () => time,
    );
    return {
      thumbnails,
      reads,
      pass(milliseconds: number) {
        time += milliseconds;
      },
    };
  };

  it('are read once for each version of a record that has copies', async () => {
    const { thumbnails, reads } = given();
    thumbnails.want(record('none'));
    thumbnails.want(withImage);
    thumbnails.want(withImage);
    await eventually(() => expect(thumbnails.of(withImage).value).toBe('https://bucket.example/1'));
    thumbnails.want(withImage);
    expect(reads).toEqual(['a']);
    thumbnails.want({ ...withImage, version: 2 });
    await eventually(() => expect(thumbnails.of(withImage).value).toBe('https://bucket.example/2'));
  });

  it('are read anew before their links end, and when a link does not work, but not again and again', async () => {
    const { thumbnails, reads, pass } = given();
    thumbnails.want(withImage);
    await eventually(() => expect(thumbnails.of(withImage).value).toBeDefined());
    pass(13 * 60_000);
    thumbnails.want(withImage);
    await eventually(() => expect(thumbnails.of(withImage).value).toBe('https://bucket.example/2'));
    thumbnails.broken(withImage);
    expect(thumbnails.of(withImage).value).toBeUndefined();
    expect(reads).toHaveLength(2);
    pass(31_000);
    thumbnails.broken(withImage);
    await eventually(() => expect(thumbnails.of(withImage).value).toBe('https://bucket.example/3'));
  });
});
