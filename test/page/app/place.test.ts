import { describe, expect, it } from 'vitest';
import { hashOf, movedTo, placeOf } from '../../../page/app/service/place.ts';
import { takeToken } from '../../../page/app/service/token.ts';

const storeOf = (entries: Record<string, string> = {}) => {
  const values = new Map(Object.entries(entries));
  return {
    getItem: (name: string) => values.get(name) ?? null,
    setItem: (name: string, value: string) => void values.set(name, value),
    removeItem: (name: string) => void values.delete(name),
  };
};

describe('the place in the address', () => {
  it('leads back to the same view, filter, page and record', () => {
    const place = {
      view: 'resolve',
      status: 'in_doubt',
      caller: 'arn:aws:iam::1:user/ä & b',
      cursor: 'next=1',
      id: 'a-1',
    } as const;
    expect(placeOf(hashOf(place))).toEqual(place);
  });

  it('is the line for an address without a place, and without what it does not know', () => {
    expect(hashOf(placeOf(''))).toBe('#');
    expect(placeOf('#view=elsewhere&status=lost&x=1')).toEqual(placeOf(''));
  });

  it('starts at the first page with another filter, and stays on the page with another record', () => {
    const place = placeOf('#cursor=c&status=queued');
    expect(movedTo(place, { status: 'failed' }).cursor).toBeUndefined();
    expect(movedTo(place, { caller: 'x' }).cursor).toBeUndefined();
    expect(movedTo(place, { id: 'a' }).cursor).toBe('c');
  });
});

describe('the token', () => {
  it('is taken out of the address, which keeps the place', () => {
    const store = storeOf();
    const taken = takeToken('#token=secret&status=queued', store);
    expect(taken).toEqual({ token: 'secret', hash: 'status=queued' });
    expect(takeToken('#status=queued', store).token).toBe('secret');
  });

  it('of a new start replaces the stored one', () => {
    const store = storeOf({ token: 'old' });
    expect(takeToken('#token=new', store).token).toBe('new');
    expect(takeToken('', store).token).toBe('new');
  });

  it('is absent where the address never had one', () => {
    expect(takeToken('', storeOf()).token).toBeUndefined();
  });
});
