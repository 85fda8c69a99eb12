import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { EVENT_SOURCE } from '../../lambda/adapters/announcer.ts';
import { recordView } from '../../lambda/http/schemas.ts';
import { startRunningService } from '../support/running-service.ts';

const announced = z.object({
  'detail-type': z.string(),
  detail: z.object({ schema_version: z.literal(1), id: z.string(), version: z.int(), status: z.string() }),
});

let world: Awaited<ReturnType<typeof startRunningService>>;
const events: z.infer<typeof announced>[] = [];

const ask = async (): Promise<string> => recordView.parse((await world.post()).body).id;
const view = async (id: string) => recordView.parse((await world.call('GET', `/photo-avatars/${id}`)).body);
const settle = (id: string, value: unknown) =>
  world.sendJson('POST', `/photo-avatars/${id}/resolution`, value);
/** A generation is looked at no earlier than ten seconds after it began. */
const until = (look: () => Promise<void>) => vi.waitFor(look, { timeout: 50_000, interval: 250 });

let made: string;
let broken: string;
let doubtful: string;

beforeAll(async () => {
  world = await startRunningService({
    rules: [
      {
        pattern: { source: [EVENT_SOURCE] },
        target: async (event) => void events.push(announced.parse(event)),
      },
    ],
  });
  world.simulator.control.configure({ generation: { durationMs: 0, outcome: { status: 'success' } } });
  made = await ask();
  world.simulator.control.configure({
    generation: { durationMs: 0, outcome: { status: 'error', msg: 'no face found' } },
  });
  broken = await ask();
  world.simulator.control.addFault({ kind: 'reset', when: 'after_charging', times: 1 });
  doubtful = z.object({ record: recordView }).parse((await world.post()).body).record.id;
});
afterAll(() => world.close());

describe('a photo avatar that JoggAI made', () => {
  it('is there for who asks, before any dispatch has run', async () => {
    await until(async () => expect((await view(made)).status).toBe('succeeded'));
    const { images = [] } = await view(made);
    expect(images).toHaveLength(4);
    expect(images.every(({ url, link }) => url.startsWith(world.simulator.url) && link === undefined)).toBe(
      true,
    );
  });

  it('has copies of its pictures after a dispatch, and links that open them', async () => {
    await world.service.triggerDispatch();
    const { images = [] } = await view(made);
    for (const { link = '', copy } of images) {
      const response = await fetch(link);
      expect(response.headers.get('content-type')).toBe('image/png');
      expect((await response.arrayBuffer()).byteLength).toBe(copy?.bytes);
    }
    expect(images).toHaveLength(4);
  });

  it('is announced, and then nothing is left to do', async () => {
    await vi.waitFor(() => expect(events.map(({ detail }) => detail.id)).toContain(made));
    const event = events.find(({ detail }) => detail.id === made);
    expect(event).toMatchObject({
      'detail-type': 'Photo Avatar Succeeded',
      detail: { status: 'succeeded' },
    });
    const record = (await world.records()).find(({ id }) => id === made);
    expect(record).not.toHaveProperty('open');
  });

  it('has nothing for a person to settle', async () => {
    const answer = await settle(made, { action: 'resubmit', reason: 'a nicer one, please' });
    expect(answer).toMatchObject({ status: 409, body: { type: 'urn:photo-avatars:problem:not-settleable' } });
  });
});

describe('one that JoggAI could not make', () => {
  it("ends as failed with JoggAI's reason, paid for, and announced", async () => {
    await until(async () => {
      await world.service.triggerDispatch();
      expect(await view(broken)).toMatchObject({
        status: 'failed',
        charged: 'yes',
        error: { code: 'generation_failed' },
      });
    });
    await until(async () => {
      await world.service.triggerDispatch();
      expect(events.some(({ detail }) => detail.id === broken)).toBe(true);
    });
  });
});

describe('one that is in doubt', () => {
  it('is settled by one of two people who decide at the same moment', async () => {
    const answers = await Promise.all([
      settle(doubtful, { action: 'resubmit', reason: 'no charge in the dashboard' }),
      settle(doubtful, { action: 'close', reason: 'not needed any more' }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  it('says who decided what, and why', async () => {
    const { history } = await view(doubtful);
    const notes = history.map(({ note = '' }) => note).join('\n');
    expect(notes).toMatch(/(resubmit|close) by arn:aws:iam::\d+:user\/local: (no charge|not needed)/);
  });

  it('is sent again by dispatch if it was resubmitted, and only then', async () => {
    const charges = world.charges();
    const { status } = await view(doubtful);
    await world.service.triggerDispatch();
    expect(world.charges() - charges).toBe(status === 'queued' ? 1 : 0);
  });

  it('is not settled by an empty reason or an action that is none', async () => {
    for (const value of [{ action: 'resubmit', reason: ' ' }, { action: 'pay', reason: 'x' }, {}, []]) {
      expect((await settle(doubtful, value)).status).toBe(422);
    }
    const nobody = '01a2048b-110a-768b-a563-139d399c370a';
    expect((await settle(nobody, { action: 'close', reason: 'x' })).status).toBe(404);
  });
});

describe('the account', () => {
  it('shows the credits that were left at the last look', async () => {
    await world.service.triggerDispatch();
    const { body } = await world.call('GET', '/account');
    const credits = z.object({ credits: z.object({ left: z.number(), at: z.iso.datetime() }) }).parse(body);
    expect(credits.credits.left).toBeCloseTo(100 - 0.2 * world.charges());
  });
});
