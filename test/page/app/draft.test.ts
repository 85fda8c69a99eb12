import { describe, expect, it } from 'vitest';
import {
  another,
  answered,
  changed,
  type Draft,
  emptyDraft,
  isFinal,
  isUnanswered,
  isWorthKeeping,
  mayBePaidAlready,
  readDraft,
  sending,
  writeDraft,
} from '../../../page/app/ask/draft.ts';

const ONE = '{"age":"Adult"}';
const OTHER = '{"age":"Elderly"}';

const keys = () => {
  let last = 0;
  return () => {
    last += 1;
    return `key-${last}`;
  };
};

/** The draft after its request was sent, with or without an answer. */
const sentDraft = (newKey: () => string, answer?: 'repeatable' | 'final'): Draft => {
  const draft = sending({ ...emptyDraft(newKey), values: { age: 'Adult' } }, ONE, newKey);
  return answer ? answered(draft, answer) : draft;
};

describe('the key of the form', () => {
  it('stays the same for the same request until it has an answer', () => {
    const newKey = keys();
    const lost = sentDraft(newKey);
    expect(lost.key).toBe('key-1');
    expect(isUnanswered(lost, ONE)).toBe(true);
    expect(sending(lost, ONE, newKey).key).toBe('key-1');
  });

  it('stays the same while the request is written', () => {
    const newKey = keys();
    expect(changed(emptyDraft(newKey), { age: 'Adult' }, ONE, newKey).key).toBe('key-1');
  });

  it('is another one when the request changed after an answer', () => {
    const newKey = keys();
    const draft = changed(sentDraft(newKey, 'final'), { age: 'Elderly' }, OTHER, newKey);
    expect(draft.key).toBe('key-2');
    expect(isFinal(draft)).toBe(false);
  });

  it('stays with a request that was refused without a charge, so that it can be sent again', () => {
    const newKey = keys();
    const refused = sentDraft(newKey, 'repeatable');
    expect(isFinal(refused)).toBe(false);
    expect(sending(refused, ONE, newKey).key).toBe('key-1');
  });

  it('is another one for another picture of the same request', () => {
    const newKey = keys();
    const final = sentDraft(newKey, 'final');
    expect(isFinal(final)).toBe(true);
    expect(another(final, newKey)).toMatchObject({ key: 'key-2', values: { age: 'Adult' } });
  });

  it('is kept, with a warning, when the request changed before there was an answer', () => {
    const newKey = keys();
    const draft = changed(sentDraft(newKey), { age: 'Elderly' }, OTHER, newKey);
    expect(draft.key).toBe('key-1');
    expect(mayBePaidAlready(draft, OTHER)).toBe(true);
    // Back to what was sent: the first key finds out what became of it.
    expect(mayBePaidAlready(draft, ONE)).toBe(false);
    // Sent anyway, it is a request of its own, which the first key must not hide.
    expect(sending(draft, OTHER, newKey).key).toBe('key-2');
  });

  it('survives a reload, also between the call and its answer', () => {
    const newKey = keys();
    const stored = new Map<string, string>();
    const store = {
      getItem: (name: string) => stored.get(name) ?? null,
      setItem: (name: string, value: string) => void stored.set(name, value),
      removeItem: (name: string) => void stored.delete(name),
    };
    const draft = sentDraft(newKey);
    writeDraft(store, draft);
    expect(readDraft(store, newKey)).toEqual(draft);
    store.setItem('draft', '{"of another version": true}');
    expect(readDraft(store, newKey).key).toBe('key-2');
  });
});

describe('a template', () => {
  it('may replace an empty form, and one whose request has an answer', () => {
    const newKey = keys();
    expect(isWorthKeeping(emptyDraft(newKey))).toBe(false);
    expect(isWorthKeeping(sentDraft(newKey, 'final'))).toBe(false);
  });

  it('must not silently replace what a person typed, or a request without an answer', () => {
    const newKey = keys();
    expect(isWorthKeeping({ ...emptyDraft(newKey), values: { background: 'a park' } })).toBe(true);
    expect(isWorthKeeping(sentDraft(newKey))).toBe(true);
  });
});
