import { describe, expect, it } from 'vitest';
import type { FaultInput } from '../../../local/simulator/faults.ts';
import { eventually } from '../../support/eventually.ts';
import { AVATAR, KEY, start } from './client.ts';

const success = { code: 0, msg: 'Success', data: { photo_id: expect.stringMatching(/./) } };
const sides = ['before_charging', 'after_charging'] as const;

const givenFault = async (fault: FaultInput) => {
  const simulator = await start();
  simulator.control.addFault(fault);
  const lastCall = () => simulator.control.state().calls.at(-1);
  return {
    ...simulator,
    lastCall,
    charges: () => simulator.control.state().charges,
    /** Resolves when the fault applies to a POST. */
    untilApplied: () => eventually(() => expect(lastCall()?.fault).toBe(fault.kind)),
  };
};

/** A paid POST that the client can abort. */
const fetchPost = (url: string, signal: AbortSignal) =>
  fetch(`${url}/v2/photo_avatar/photo/generate`, {
    method: 'POST',
    headers: { 'x-api-key': KEY },
    body: JSON.stringify(AVATAR),
    signal,
  });

describe.each(sides)('%s', (when) => {
  const expectedCharges = when === 'after_charging' ? 1 : 0;

  it('a reset ends the connection without an answer, and the next POST is served', async () => {
    const { postRaw, post, charges, lastCall } = await givenFault({ kind: 'reset', when });
    await expect(postRaw()).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
    expect(charges()).toBe(expectedCharges);
    expect(lastCall()).toMatchObject({
      fault: 'reset',
      body: AVATAR,
      charged: expectedCharges === 1,
      answer: null,
    });
    expect(await post()).toEqual(success);
  });

  it('a hanging POST has no answer until the client disconnects', async () => {
    const { url, charges, untilApplied } = await givenFault({ kind: 'hang', when });
    const disconnect = new AbortController();
    const answer = fetchPost(url, disconnect.signal);
    await untilApplied();
    disconnect.abort();
    await expect(answer).rejects.toThrow('aborted');
    expect(charges()).toBe(expectedCharges);
  });

  it.each([
    [{ kind: 'http_error', status: 503 }, 503, 'text/html', null],
    [{ kind: 'http_error', status: 404 }, 404, 'text/html', null],
    [{ kind: 'garbage' }, 200, 'application/json', null],
    [{ kind: 'garbage', status: 502 }, 502, 'application/json', null],
    [{ kind: 'empty' }, 200, 'application/json', null],
    [{ kind: 'empty', status: 500 }, 500, 'application/json', null],
    [{ kind: 'code', code: 50000 }, 200, 'application/json', 50000],
    [{ kind: 'code', code: 31415, msg: 'new', status: 400 }, 400, 'application/json', 31415],
    [{ kind: 'code', code: 0 }, 200, 'application/json', 0],
  ] as const)('%j is the answer', async (fault, status, type, code) => {
    const { postRaw, charges, lastCall } = await givenFault({ ...fault, when });
    const answer = await postRaw();
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, type]);
    if (code === null) expect(() => JSON.parse(answer.body)).toThrow(SyntaxError);
    else expect(JSON.parse(answer.body)).toEqual({ code, msg: expect.any(String), data: null });
    expect(charges()).toBe(expectedCharges);
    expect(lastCall()).toMatchObject({ fault: fault.kind, answer: { status, code } });
  });

  it('a delay postpones the handling of a POST', async () => {
    const fault = { kind: 'delay', when, milliseconds: 'until_cleared' } as const;
    const { post, control, charges, untilApplied } = await givenFault(fault);
    const answer = post();
    await untilApplied();
    // The second POST arrives later. Its answer shows that the first one is delayed.
    expect(await post()).toEqual(success);
    expect(charges()).toBe(expectedCharges + 1);
    expect(control.state().calls[0]?.answer).toBeNull();
    control.clearFaults();
    expect(await answer).toEqual(success);
    expect(charges()).toBe(2);
  });
});

describe('a fault', () => {
  it('that delays a POST charges it after the client has disconnected', async () => {
    const fault = { kind: 'delay', milliseconds: 'until_cleared' } as const;
    const { url, control, charges, untilApplied } = await givenFault(fault);
    const disconnect = new AbortController();
    const answer = fetchPost(url, disconnect.signal);
    await untilApplied();
    disconnect.abort();
    await expect(answer).rejects.toThrow('aborted');
    expect(charges()).toBe(0);
    control.clearFaults();
    await eventually(() => expect(charges()).toBe(1));
  });

  it('that delays for a time continues after it', async () => {
    const { post } = await givenFault({ kind: 'delay', milliseconds: 50 });
    const startedAt = performance.now();
    expect(await post()).toEqual(success);
    // Timers have a resolution of one millisecond.
    expect(performance.now() - startedAt).toBeGreaterThan(49);
  });

  it('that truncates an answer ends the connection within the answer', async () => {
    const { postRaw, charges } = await givenFault({ kind: 'truncated' });
    await expect(postRaw()).rejects.toThrow('terminated');
    expect(charges()).toBe(1);
  });

  it('that slows an answer delivers it completely', async () => {
    const { post } = await givenFault({ kind: 'slow', millisecondsPerByte: 1 });
    expect(await post()).toEqual(success);
  });

  it('applies the given number of times, then the next fault applies', async () => {
    const { post, control } = await givenFault({ kind: 'code', code: 50000, times: 2 });
    control.addFault({ kind: 'code', code: 99 });
    const codes = [await post(), await post(), await post(), await post()].map(({ code }) => code);
    expect(codes).toEqual([50000, 50000, 99, 0]);
    expect(control.state().faults).toEqual([]);
  });

  it('applies until it is cleared', async () => {
    const { post, control } = await givenFault({ kind: 'code', code: 50000, times: 'until_cleared' });
    expect([await post(), await post()].map(({ code }) => code)).toEqual([50000, 50000]);
    control.clearFaults();
    expect(await post()).toEqual(success);
  });

  it('does not apply to the free GETs', async () => {
    const { get, control } = await givenFault({ kind: 'reset' });
    expect(await get('/v2/user/remaining_quota')).toMatchObject({ code: 0 });
    expect(control.state().faults).toHaveLength(1);
  });

  it.each([3_600_000, 'until_cleared'] as const)(
    'that delays does not prevent the simulator from closing, and does not charge after that: %s',
    async (milliseconds) => {
      const { post, close, charges, untilApplied } = await givenFault({ kind: 'delay', milliseconds });
      const rejected = expect(post()).rejects.toThrow();
      await untilApplied();
      await close();
      await rejected;
      expect(charges()).toBe(0);
    },
  );

  it('that slows an answer does not prevent the simulator from closing', async () => {
    const { postRaw, close, lastCall } = await givenFault({ kind: 'slow', millisecondsPerByte: 60_000 });
    const rejected = expect(postRaw()).rejects.toThrow();
    await eventually(() => expect(lastCall()?.charged).toBe(true));
    await close();
    await rejected;
  });
});
