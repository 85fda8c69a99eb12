import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { createEventPublisher } from '../../lambda/adapters/event-publisher.ts';
import { afterCopying, afterPoll, published } from '../../lambda/domain/generation/generation-rules.ts';
import { nextState } from '../../lambda/domain/outcome.ts';
import { type AvatarRecord, instantOf } from '../../lambda/domain/record/record.ts';
import {
  acceptedAsClaimed,
  acceptedAsInvalid,
  acceptedAsQueued,
  withOutcome,
} from '../../lambda/domain/submission/submission-rules.ts';
import { createHandlerServer, listen, type RunningServer, readBody, sendJson } from '../../local/server.ts';
import { stubAws } from '../support/aws.ts';
import {
  GENERATION_TIMEOUT_MS,
  generating,
  IMAGES,
  MINUTE,
  SUCCEEDED,
  T0,
} from '../support/completion-world.ts';
import { eventually, HANG_MS } from '../support/eventually.ts';
import { FULL_AVATAR } from '../support/requests.ts';

const putEvents = z.strictObject({
  Entries: z
    .array(
      z.strictObject({
        EventBusName: z.string(),
        Source: z.string(),
        DetailType: z.string(),
        Detail: z.string().transform((text): unknown => JSON.parse(text)),
      }),
    )
    .min(1),
});

const ACCEPTED = { FailedEntryCount: 0, Entries: [{ EventId: 'event-1' }] };

/** An EventBridge that supports PutEvents only. */
let bus: RunningServer;
let requests: { readonly target: string | undefined; readonly body: z.infer<typeof putEvents> }[];
let answers: { readonly status: number; readonly body: object }[];
let isSilent: boolean;
beforeEach(async () => {
  requests = [];
  answers = [];
  isSilent = false;
  bus = await listen(
    createHandlerServer(async (request, response) => {
      const body = await readBody(request, 1024 * 1024);
      const target = request.headers['x-amz-target']?.toString();
      requests.push({ target, body: putEvents.parse(JSON.parse(body?.toString() ?? '')) });
      const { status, body: answer } = answers.shift() ?? { status: 200, body: ACCEPTED };
      if (!isSilent) sendJson(response, status, answer, { 'content-type': 'application/x-amz-json-1.1' });
    }),
  );
  stubAws({ AWS_ENDPOINT_URL_EVENTBRIDGE: bus.url });
});
afterEach(async () => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  await bus.close();
});

const OPTIONS = { busName: 'results', serviceName: 'avatars', bucketName: 'images' };
const publisher = () => createEventPublisher({ ...OPTIONS, timeoutMs: HANG_MS });

const at = (minutes: number) => ({ now: T0 + minutes * MINUTE, by: 'dispatch' });
const SETTINGS = { generationTimeoutMs: GENERATION_TIMEOUT_MS };
const fresh = { id: 'avatar-1', source: 'sns', caller: 'someone', request: FULL_AVATAR } as const;
const claim = { ...at(0), attemptId: 'attempt', leaseUntil: T0 + MINUTE };

const succeeded = (): AvatarRecord => {
  const end = afterPoll(generating(), SUCCEEDED, SETTINGS, at(2));
  const copy = { key: 'images/avatar-1/1.png', contentType: 'image/png', bytes: 7 };
  const [one = { url: '' }, two = { url: '' }] = IMAGES;
  const images = [
    { ...one, copy },
    { ...two, refused: 'not an image of a known type' },
  ];
  return afterCopying(end, images, at(3));
};
const failed = () =>
  afterPoll(generating(), { kind: 'failed', message: `no ${FULL_AVATAR.appearance}` }, SETTINGS, at(2));
const rejected = () => {
  const event = { ...fresh, idempotencyKey: 'order-7', body: 'text of the caller', errors: [] };
  return acceptedAsInvalid(event, at(1));
};
const inDoubt = () =>
  withOutcome(
    acceptedAsClaimed(fresh, claim),
    nextState({ kind: 'no_answer', cause: 'ECONNRESET' }, 'sync'),
    at(1),
  );
const refused = () => {
  const message = `${FULL_AVATAR.background} is not allowed`;
  const outcome = { kind: 'refused', reason: 'invalid_parameters', code: 40_000, message } as const;
  return withOutcome(acceptedAsClaimed(fresh, claim), nextState(outcome, 'async'), at(1));
};

/** The only published event. */
const entryOf = async (record: AvatarRecord) => {
  await publisher().recordEnded(record);
  expect(requests).toHaveLength(1);
  expect(requests[0]?.target).toBe('AWSEvents.PutEvents');
  return requests[0]?.body.Entries[0];
};

describe('the end of a request', () => {
  it('is an event with the URLs and copies of its images', async () => {
    const record = succeeded();
    expect(await entryOf(record)).toEqual({
      EventBusName: 'results',
      Source: 'photo-avatars',
      DetailType: 'Photo Avatar Succeeded',
      Detail: {
        schema_version: 1,
        service: 'avatars',
        id: 'avatar-1',
        version: record.version,
        status: 'succeeded',
        charged: 'yes',
        source: 'http',
        caller: 'someone',
        photo_id: 'photo of avatar-1',
        images: [
          {
            url: 'https://res.jogg.ai/one.png',
            key: 'key-one',
            copy: { bucket: 'images', key: 'images/avatar-1/1.png', content_type: 'image/png', bytes: 7 },
          },
          { url: 'https://res.jogg.ai/two.png', key: 'key-two' },
        ],
        created_at: instantOf(T0),
        // When it ended, not when its images were copied.
        ended_at: instantOf(T0 + 2 * MINUTE),
      },
    });
  });

  it.each([
    [
      'Photo Avatar Failed',
      failed(),
      { status: 'failed', charged: 'yes', error: { code: 'generation_failed' } },
    ],
    ['Photo Avatar Rejected', rejected(), { status: 'rejected', charged: 'no', idempotency_key: 'order-7' }],
    [
      'Photo Avatar In Doubt',
      inDoubt(),
      { status: 'in_doubt', charged: 'unknown', error: { code: 'no_answer' } },
    ],
  ])('is published as “%s”', async (detailType, record, detail) => {
    expect(await entryOf(record)).toMatchObject({
      DetailType: detailType,
      Detail: { schema_version: 1, id: 'avatar-1', version: record.version, images: [], ...detail },
    });
  });

  it.each([
    ['succeeded', succeeded()],
    ['failed', failed()],
    ['rejected', rejected()],
    ['refused', refused()],
    ['in doubt', inDoubt()],
  ])('does not repeat text of the caller if it is %s', async (_, record) => {
    await entryOf(record);
    const sent = JSON.stringify(requests);
    const { background, appearance, image_url: imageUrl } = FULL_AVATAR;
    for (const text of [background, appearance, imageUrl, 'text of the caller', '"request"']) {
      expect(sent).not.toContain(text);
    }
  });

  it('that is published again is the same event', async () => {
    const record = succeeded();
    await publisher().recordEnded(record);
    await publisher().recordEnded(record);
    expect(requests[1]).toEqual(requests[0]);
  });

  it('is not published for a request that has not ended', async () => {
    const queued = acceptedAsQueued(fresh, at(0));
    for (const record of [queued, generating(), acceptedAsClaimed(fresh, claim)]) {
      await publisher().recordEnded(record);
    }
    expect(requests).toEqual([]);
  });
});

describe('the account', () => {
  it('that is blocked is published with the reason', async () => {
    await publisher().accountChanged({ kind: 'blocked', reason: 'insufficient_credit', since: T0 });
    expect(requests[0]?.body.Entries).toMatchObject([
      {
        Source: 'photo-avatars',
        DetailType: 'JoggAI Account Blocked',
        Detail: {
          schema_version: 1,
          service: 'avatars',
          reason: 'insufficient_credit',
          since: instantOf(T0),
        },
      },
    ]);
  });

  it('that is unblocked is published with the start of the block', async () => {
    await publisher().accountChanged({ kind: 'unblocked', since: T0, at: T0 + MINUTE });
    expect(requests[0]?.body.Entries).toMatchObject([
      {
        DetailType: 'JoggAI Account Unblocked',
        Detail: { schema_version: 1, since: instantOf(T0), at: instantOf(T0 + MINUTE) },
      },
    ]);
  });
});

describe('publishing fails, so that it is repeated, if EventBridge', () => {
  const publish = () => publisher().recordEnded(succeeded());

  it('answers 200 but accepts no entry', async () => {
    const Entries = [{ ErrorCode: 'InternalFailure', ErrorMessage: 'try again' }];
    answers.push({ status: 200, body: { FailedEntryCount: 1, Entries } });
    await expect(publish()).rejects.toThrow('EventBridge rejected the event: InternalFailure');
  });

  it('rejects the call', async () => {
    answers.push({ status: 400, body: { __type: 'AccessDeniedException', message: 'no' } });
    await expect(publish()).rejects.toMatchObject({ name: 'AccessDeniedException' });
    expect(requests).toHaveLength(1);
  });

  it('fails three times', async () => {
    const failure = { status: 500, body: { __type: 'InternalException' } };
    answers.push(failure, failure, failure);
    await expect(publish()).rejects.toMatchObject({ name: 'InternalException' });
    expect(requests).toHaveLength(3);
  });

  it('does not answer three attempts within three seconds each', async () => {
    isSilent = true;
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const failed = expect(createEventPublisher(OPTIONS).recordEnded(succeeded())).rejects.toMatchObject({
      name: 'TimeoutError',
    });
    for (const attempts of [1, 2, 3]) {
      await eventually(() => expect(requests).toHaveLength(attempts));
      vi.advanceTimersByTime(3_000);
    }
    await failed;
    expect(requests).toHaveLength(3);
  });
});

it('publishing is retried after a temporary failure', async () => {
  answers.push({ status: 500, body: { __type: 'InternalException' } });
  await publisher().recordEnded(published(succeeded(), at(4)));
  expect(requests).toHaveLength(2);
  expect(requests[1]).toEqual(requests[0]);
});
