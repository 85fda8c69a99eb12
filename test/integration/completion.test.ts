import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { EVENT_SOURCE } from '../../lambda/adapters/announcer.ts';
import { recordView } from '../../lambda/http/schemas.ts';
import { eventuallyTrue } from '../support/eventually.ts';
import { startRunningService } from '../support/running-service.ts';

const announced = z.object({
  'detail-type': z.string(),
  detail: z.object({ schema_version: z.literal(1), id: z.string(), version: z.int(), status: z.string() }),
});

let world: Awaited<ReturnType<typeof startRunningService>>;
const events: z.infer<typeof announced>[] = [];

beforeAll(async () => {
  world = await startRunningService({
    rules: [
      {
        pattern: { source: [EVENT_SOURCE] },
        target: async (event) => void events.push(announced.parse(event)),
      },
    ],
  });
});
beforeEach(() => world.reset());
afterAll(() => world.close());

const view = async (id: string) => recordView.parse((await world.call('GET', `/photo-avatars/${id}`)).body);
const settle = (id: string, value: unknown) =>
  world.sendJson('POST', `/photo-avatars/${id}/resolution`, value);
const eventOf = (id: string) => eventuallyTrue(() => events.find(({ detail }) => detail.id === id));
const recordOf = async (id: string) => (await world.records()).find((record) => record.id === id);

/** A generation that JoggAI has ended so, at which it is time to look. */
const givenEnded = async (
  outcome: { readonly status: 'success' } | { readonly status: 'error'; readonly msg: string },
): Promise<string> => {
  world.simulator.control.configure({ generation: { durationMs: 0, outcome } });
  const { id } = recordView.parse((await world.post()).body);
  await world.makeDue(id);
  return id;
};

const givenInDoubt = async (): Promise<string> => {
  world.simulator.control.addFault({ kind: 'reset', when: 'after_charging', times: 1 });
  return z.object({ record: recordView }).parse((await world.post()).body).record.id;
};

describe('a photo avatar that JoggAI made', () => {
  it('is there for who asks, before any dispatch has run', async () => {
    const made = await givenEnded({ status: 'success' });
    const { status, images = [] } = await view(made);
    expect(status).toBe('succeeded');
    expect(images).toHaveLength(4);
    expect(images.every(({ url, link }) => url.startsWith(world.simulator.url) && link === undefined)).toBe(
      true,
    );
  });

  it('has copies of its pictures after a dispatch, and links that open them', async () => {
    const made = await givenEnded({ status: 'success' });
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
    const made = await givenEnded({ status: 'success' });
    await world.service.triggerDispatch();
    expect(await eventOf(made)).toMatchObject({
      'detail-type': 'Photo Avatar Succeeded',
      detail: { status: 'succeeded' },
    });
    expect(await recordOf(made)).not.toHaveProperty('open');
  });

  it('has nothing for a person to settle', async () => {
    const made = await givenEnded({ status: 'success' });
    expect((await view(made)).status).toBe('succeeded');
    const answer = await settle(made, { action: 'resubmit', reason: 'a nicer one, please' });
    expect(answer).toMatchObject({ status: 409, body: { type: 'urn:photo-avatars:problem:not-settleable' } });
  });
});

describe('one that JoggAI could not make', () => {
  it("ends as failed with JoggAI's reason, paid for, and announced", async () => {
    const broken = await givenEnded({ status: 'error', msg: 'no face found' });
    await world.service.triggerDispatch();
    expect(await view(broken)).toMatchObject({
      status: 'failed',
      charged: 'yes',
      error: { code: 'generation_failed', joggai_message: 'no face found' },
    });
    expect(await eventOf(broken)).toMatchObject({ detail: { status: 'failed' } });
  });
});

describe('one that is in doubt', () => {
  it('is settled by one of two people who decide at the same moment', async () => {
    const doubtful = await givenInDoubt();
    const charges = world.charges();
    const answers = await Promise.all([
      settle(doubtful, { action: 'resubmit', reason: 'no charge in the dashboard' }),
      settle(doubtful, { action: 'close', reason: 'not needed any more' }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    const { status } = await view(doubtful);
    await world.service.triggerDispatch();
    expect(world.charges() - charges).toBe(status === 'queued' ? 1 : 0);
  });

  it.each([
    ['resubmit', 'is sent again', 'generating', 1],
    ['close', 'is not sent again', 'failed', 0],
  ])('says who decided to %s it, and why, and %s by dispatch', async (action, _, status, charged) => {
    const doubtful = await givenInDoubt();
    const charges = world.charges();
    expect((await settle(doubtful, { action, reason: 'not in the dashboard' })).status).toBe(200);
    await world.service.triggerDispatch();
    expect(world.charges() - charges).toBe(charged);
    const after = await view(doubtful);
    expect(after.status).toBe(status);
    expect(after.history.map(({ note = '' }) => note).join('\n')).toMatch(
      new RegExp(`${action} by arn:aws:iam::\\d+:user/local: not in the dashboard`),
    );
  });

  it('is not settled by an empty reason or an action that is none', async () => {
    const doubtful = await givenInDoubt();
    for (const value of [{ action: 'resubmit', reason: ' ' }, { action: 'pay', reason: 'x' }, {}, []]) {
      expect((await settle(doubtful, value)).status).toBe(422);
    }
    expect((await view(doubtful)).status).toBe('in_doubt');
    const nobody = '01a2048b-110a-768b-a563-139d399c370a';
    expect((await settle(nobody, { action: 'close', reason: 'x' })).status).toBe(404);
  });
});

describe('the account', () => {
  it('shows the credits that were left at the last look', async () => {
    await world.post();
    await world.service.triggerDispatch();
    const { body } = await world.call('GET', '/account');
    const credits = z.object({ credits: z.object({ left: z.number(), at: z.iso.datetime() }) }).parse(body);
    expect(credits.credits.left).toBeCloseTo(100 - 0.2);
  });
});
