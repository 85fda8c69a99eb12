import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { EVENT_SOURCE } from '../../lambda/shared/event-names.ts';
import { recordView } from '../../lambda/views/schemas.ts';
import { LOCAL_ENVIRONMENT } from '../../local/environment.ts';
import { eventuallyTrue } from '../support/eventually.ts';
import { API_KEY } from '../support/joggai-client.ts';
import { startRunningService } from '../support/running-service.ts';

const publishedEvent = z.object({
  'detail-type': z.string(),
  detail: z.object({
    schema_version: z.literal(1),
    id: z.string(),
    version: z.int(),
    status: z.string(),
    images: z.array(z.unknown()).optional(),
  }),
});

let world: Awaited<ReturnType<typeof startRunningService>>;
const events: z.infer<typeof publishedEvent>[] = [];

beforeAll(async () => {
  world = await startRunningService({
    rules: [
      {
        pattern: { source: [EVENT_SOURCE] },
        target: async (event) => void events.push(publishedEvent.parse(event)),
      },
    ],
  });
});
beforeEach(() => world.reset());
afterAll(() => world.close());

const view = async (id: string) => recordView.parse((await world.call('GET', `/photo-avatars/${id}`)).body);
/** A decision about the record as it is now, if the value names no other version. */
const resolve = async (id: string, value: object) =>
  world.sendJson('POST', `/photo-avatars/${id}/resolution`, {
    ...('version' in value ? {} : { version: (await view(id)).version }),
    ...value,
  });
const eventOf = (id: string) => eventuallyTrue(() => events.find(({ detail }) => detail.id === id));
const recordOf = async (id: string) => (await world.records()).find((record) => record.id === id);

/** A generation that has ended with this outcome at JoggAI and is due to be polled. */
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
  it('is returned by GET before dispatch runs', async () => {
    const made = await givenEnded({ status: 'success' });
    const { status, images = [] } = await view(made);
    expect(status).toBe('succeeded');
    expect(images).toHaveLength(4);
    expect(images.every(({ url, link }) => url.startsWith(world.simulator.url) && link === undefined)).toBe(
      true,
    );
  });

  it('has copies of its images after dispatch, and links that open them', async () => {
    const made = await givenEnded({ status: 'success' });
    await world.service.triggerDispatch();
    const { images = [] } = await view(made);
    for (const { link = '', copy } of images) {
      const response = await fetch(link);
      expect(response.headers.get('content-type')).toBe('image/png');
      expect((await response.arrayBuffer()).byteLength).toBe(copy?.bytes);
    }
    expect(images).toHaveLength(4);
    expect(images.every(({ copy }) => copy?.bucket === LOCAL_ENVIRONMENT.IMAGE_BUCKET)).toBe(true);
  });

  it('has what the next step at JoggAI needs, in the record and in the event', async () => {
    const made = await givenEnded({ status: 'success' });
    await world.service.triggerDispatch();
    const { photo_id = '', images = [] } = await view(made);
    const atJoggai = await fetch(`${world.simulator.url}/v2/photo_avatar/photo?photo_id=${photo_id}`, {
      headers: { 'x-api-key': API_KEY },
    });
    const { image_url_list: urls, image_key_list: keys } = Object(await atJoggai.json()).data;
    expect(images.map(({ url }) => url)).toEqual(urls);
    expect(images.map(({ key }) => key)).toEqual(keys);
    // The link, which is new in each answer, is the only difference.
    expect((await eventOf(made)).detail.images).toEqual(images.map(({ link: _, ...image }) => image));
  });

  it('is published as an event, and its record is closed', async () => {
    const made = await givenEnded({ status: 'success' });
    await world.service.triggerDispatch();
    expect(await eventOf(made)).toMatchObject({
      'detail-type': 'Photo Avatar Succeeded',
      detail: { status: 'succeeded' },
    });
    expect(await recordOf(made)).not.toHaveProperty('open');
  });

  it('cannot be resolved', async () => {
    const made = await givenEnded({ status: 'success' });
    expect((await view(made)).status).toBe('succeeded');
    const answer = await resolve(made, { action: 'resubmit', reason: 'another attempt' });
    expect(answer).toMatchObject({ status: 409, body: { type: 'urn:photo-avatars:problem:not-resolvable' } });
  });
});

describe('a photo avatar that JoggAI failed to make', () => {
  it('fails with the message of JoggAI, is charged, and is published', async () => {
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

describe('a photo avatar in doubt', () => {
  it('is resolved once by two concurrent decisions', async () => {
    const doubtful = await givenInDoubt();
    const charges = world.charges();
    const answers = await Promise.all([
      resolve(doubtful, { action: 'resubmit', reason: 'no charge in the dashboard' }),
      resolve(doubtful, { action: 'close', reason: 'no longer needed' }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    const { status } = await view(doubtful);
    await world.service.triggerDispatch();
    expect(world.charges() - charges).toBe(status === 'queued' ? 1 : 0);
  });

  it.each([
    ['resubmit', 'sends it again', 'generating', 1],
    ['close', 'does not send it again', 'failed', 0],
  ])('records who decided to %s and why, and dispatch %s', async (action, _, status, charged) => {
    const doubtful = await givenInDoubt();
    const charges = world.charges();
    expect((await resolve(doubtful, { action, reason: 'not in the dashboard' })).status).toBe(200);
    await world.service.triggerDispatch();
    expect(world.charges() - charges).toBe(charged);
    const after = await view(doubtful);
    expect(after.status).toBe(status);
    expect(after.history.map(({ note = '' }) => note).join('\n')).toMatch(
      new RegExp(`${action} by arn:aws:iam::\\d+:user/local: not in the dashboard`),
    );
  });

  it('is not resolved by an empty reason or an unknown action', async () => {
    const doubtful = await givenInDoubt();
    for (const value of [
      { action: 'resubmit', reason: ' ' },
      { action: 'pay', reason: 'x' },
      { action: 'close', reason: 'x', version: undefined },
      {},
    ]) {
      expect((await resolve(doubtful, value)).status).toBe(422);
    }
    expect((await view(doubtful)).status).toBe('in_doubt');
    const unknownId = '01a2048b-110a-768b-a563-139d399c370a';
    expect((await resolve(unknownId, { action: 'close', reason: 'x', version: 1 })).status).toBe(404);
  });

  it('is resubmitted once by a decision that is sent twice, even if the new attempt is in doubt again', async () => {
    const doubtful = await givenInDoubt();
    const charges = world.charges();
    const { version } = await view(doubtful);
    const decision = { action: 'resubmit', reason: 'not in the dashboard', version };
    expect((await resolve(doubtful, decision)).status).toBe(200);
    world.simulator.control.addFault({ kind: 'reset', when: 'after_charging' });
    await world.service.triggerDispatch();
    expect(await view(doubtful)).toMatchObject({ status: 'in_doubt', attempts: 2 });
    expect(await resolve(doubtful, decision)).toMatchObject({
      status: 409,
      body: { type: 'urn:photo-avatars:problem:outdated-version', record: { attempts: 2 } },
    });
    await world.service.triggerDispatch();
    expect(world.charges() - charges).toBe(1);
  });
});

describe('the account', () => {
  it('shows the credits left at the last account check', async () => {
    await world.post();
    await world.service.triggerDispatch();
    const { body } = await world.call('GET', '/account');
    const credits = z.object({ credits: z.object({ left: z.number(), at: z.iso.datetime() }) }).parse(body);
    expect(credits.credits.left).toBeCloseTo(100 - 0.2);
  });
});
