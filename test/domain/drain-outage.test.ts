import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../lambda/domain/outcome.ts';
import { createDrainWorld, DISPATCH, INTAKE, MINUTE, names } from '../support/drain-world.ts';

describe('a drain', () => {
  it('starts slowly: each good answer doubles the calls that may be in flight', async () => {
    const { time, enqueue, drain, joggai } = createDrainWorld({ callMs: 500 });
    await enqueue(...names(20));
    await time.finish(drain());
    const start = joggai.calls[0]?.atMs ?? 0;
    const inRound = Map.groupBy(joggai.calls, ({ atMs }) => Math.floor((atMs - start) / 500));
    expect([...inRound.values()].map((calls) => calls.length)).toEqual([1, 2, 8, 9]);
  });

  it.each<[string, Outcome]>([
    ['silence', { kind: 'no_answer', cause: 'no answer within 20 s' }],
    ['code 50000', { kind: 'failed', code: 50_000, message: '' }],
    ['HTTP 403', { kind: 'http_rejected', httpStatus: 403 }],
  ])('risks one request at a time on %s, and stops after three', async (_, outcome) => {
    const { time, enqueue, drain, joggai } = createDrainWorld();
    await enqueue(...names(20));
    joggai.answer = () => outcome;
    const { end } = await time.finish(drain(DISPATCH));
    expect(joggai.maxInFlight).toBe(1);
    expect(joggai.calls).toHaveLength(3);
    expect(end).toMatchObject({ kind: 'rejected_by_gate', rejection: { kind: 'backing_off' } });
  });

  it('of five intakes on silence, one risks a request', async () => {
    const { time, enqueue, drain, joggai, gate } = createDrainWorld({ callMs: 20_000 });
    await enqueue(...names(20));
    joggai.answer = () => ({ kind: 'no_answer', cause: 'no answer within 20 s' });
    const intakes = Array.from({ length: 5 }, () => drain(INTAKE, { gate: gate() }));
    await time.finish(Promise.all(intakes));
    expect(joggai.calls).toHaveLength(1);
  });

  it('of five intakes, one calls first, and the others follow when it is answered', async () => {
    const { time, enqueue, drain, joggai, gate } = createDrainWorld({ callMs: 500 });
    await enqueue(...names(20));
    const intakes = Array.from({ length: 5 }, () => drain(INTAKE, { gate: gate() }));
    await time.finish(Promise.all(intakes));
    expect(joggai.calls).toHaveLength(20);
    const [first, second] = joggai.calls.map(({ atMs }) => atMs);
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(500);
    expect(joggai.maxInFlight).toBeGreaterThan(5);
  });
});

describe('a request that is rejected in front of JoggAI', () => {
  const REJECTED: Outcome = { kind: 'http_rejected', httpStatus: 403 };

  it('goes to the end of the line, and ends as rejected after five tries while others pass', async () => {
    const { time, enqueue, drain, joggai, record, sent, gate } = createDrainWorld();
    await enqueue('bad', ...names(3));
    joggai.answer = (name) => (name === 'bad' ? REJECTED : { kind: 'accepted', photoId: name });
    for (let dispatches = 0; dispatches < 12; dispatches += 1) {
      await gate().allowProbe('back_off');
      await time.finish(drain({ concurrency: 1, waitForSlots: false }));
      await enqueue(`next ${dispatches}`);
      await time.finish(time.wait(MINUTE));
    }
    expect(sent()[1]).not.toBe('bad');
    expect(await record('bad')).toMatchObject({
      status: 'rejected',
      charged: 'no',
      httpRejections: 5,
      error: { code: 'http_rejected' },
    });
  });

  it('waits as long as no other request passes', async () => {
    const { time, enqueue, drain, joggai, record, gate } = createDrainWorld();
    await enqueue('one', 'two');
    joggai.answer = () => REJECTED;
    for (let dispatches = 0; dispatches < 20; dispatches += 1) {
      await gate().allowProbe('back_off');
      await time.finish(drain({ concurrency: 5, waitForSlots: false }));
      await time.finish(time.wait(15 * MINUTE));
    }
    expect(joggai.calls.length).toBeGreaterThan(10);
    for (const name of ['one', 'two']) {
      expect(await record(name)).toMatchObject({ status: 'queued', charged: 'no' });
    }
  });
});

it('a probe that is refused goes to the end of the line, so that it does not hold others up', async () => {
  const { time, enqueue, drain, joggai, record } = createDrainWorld();
  await enqueue('alone refused', 'other');
  joggai.answer = (name) =>
    name === 'other'
      ? { kind: 'accepted', photoId: name }
      : { kind: 'refused', reason: 'no_permission', code: 18025, message: '' };
  await time.finish(drain({ concurrency: 1, waitForSlots: false }));
  await time.finish(time.wait(2 * MINUTE));
  await time.finish(drain({ concurrency: 1, waitForSlots: false }));
  expect(await record('other')).toMatchObject({ status: 'generating' });
});
