import { readFileSync } from 'node:fs';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { createEventPublisher } from '../../lambda/adapters/event-publisher.ts';
import {
  afterCopying,
  afterPoll,
  isGenerating,
  published,
} from '../../lambda/domain/generation/generation-rules.ts';
import { nextState } from '../../lambda/domain/outcome.ts';
import { type AvatarRecord, STATUSES } from '../../lambda/domain/record/record.ts';
import {
  acceptedAsClaimed,
  acceptedAsInvalid,
  acceptedAsQueued,
  cancelled,
  leaseExpired,
  withOutcome,
} from '../../lambda/domain/submission/submission-rules.ts';
import { ACCOUNT_DETAIL_TYPES, ENDED_DETAIL_TYPES, EVENT_SOURCE } from '../../lambda/shared/event-names.ts';
import { type BusEvent, startEventBridge } from '../../local/emulators/event-bridge.ts';
import type { RunningServer } from '../../local/server.ts';
import { stubAws } from '../support/aws.ts';
import { AVATAR } from '../support/requests.ts';
import { addListener } from './results/listener.ts';
import { addWaitingWorkflow } from './results/waiting-workflow.ts';
import { embedded, functionOf, resources, statements, statesOf, theResource } from './synthesize.ts';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const document = read('../../docs/events.md');

const at = (time: string) => ({ now: Date.parse(`2026-11-22T${time}Z`), by: 'an-invocation' });

const claimed = (id: string) =>
  acceptedAsClaimed(
    {
      id,
      source: 'http',
      caller: 'arn:aws:sts::111122223333:assumed-role/shop/web',
      request: AVATAR,
      idempotencyKey: 'order-4711',
    },
    { ...at('09:15:02.114'), attemptId: 'an-attempt', leaseUntil: at('09:15:31').now },
  );

const generating = (id: string) => {
  const transition = nextState({ kind: 'accepted', photoId: 'photo_123' }, 'sync');
  const record: AvatarRecord = withOutcome(claimed(id), transition, at('09:15:03.480'));
  if (!isGenerating(record)) throw new Error('The record is not generating.');
  return record;
};

const POLLING = { generationTimeoutMs: 60 * 60_000 };
const PICTURES = [1, 2].map((n) => ({ url: `https://res.jogg.ai/photo/${n}.png`, key: `photo/${n}.png` }));

/** A record in each final status, built by the code under test. */
const ENDS = {
  succeeded: () => {
    const id = '5f0c2ad6-7f3e-8a41-9c1b-3d2f6e7a8b90';
    const poll = { kind: 'succeeded', images: PICTURES } as const;
    const polled = afterPoll(generating(id), poll, POLLING, at('09:18:00.912'));
    const copied = PICTURES.map((picture, index) => ({
      ...picture,
      copy: { key: `images/${id}/${index + 1}.png`, contentType: 'image/png', bytes: 1_482_113 + index },
    }));
    return afterCopying(polled, copied, at('09:18:02.350'));
  },
  failed: () =>
    afterPoll(
      generating('a2d4c6e8-1b3d-8f50-8a7c-9e0f1a2b3c4d'),
      { kind: 'failed', message: 'image_url could not be downloaded' },
      POLLING,
      at('09:17:00.437'),
    ),
  rejected: () =>
    acceptedAsInvalid(
      {
        id: '0199a6f4-3c2b-7d1e-8f90-a1b2c3d4e5f6',
        source: 'eventbridge',
        caller: 'my.shop',
        body: '{"age":"adult"}',
        errors: [{ field: 'age', message: 'must be one of the documented values' }],
        idempotencyKey: undefined,
      },
      at('09:20:11.008'),
    ),
  in_doubt: () => leaseExpired(claimed('c3b5a790-6e4d-8c2f-b1a0-7f6e5d4c3b2a'), at('09:16:00.221')),
  cancelled: () =>
    cancelled(
      acceptedAsQueued(
        {
          id: 'd4e6f8a0-2b4c-8d6e-9f10-a2b3c4d5e6f7',
          source: 'eventbridge',
          caller: 'my.shop',
          request: AVATAR,
          idempotencyKey: 'order-4712',
        },
        at('09:15:02.114'),
      ),
      'arn:aws:sts::111122223333:assumed-role/shop/web',
      at('09:15:40.870'),
    ),
} as const satisfies Record<keyof typeof ENDED_DETAIL_TYPES, () => AvatarRecord>;

describe('a published event', () => {
  const events: BusEvent[] = [];
  let bus: RunningServer;
  beforeAll(async () => {
    bus = await startEventBridge({
      rules: [{ pattern: { source: [EVENT_SOURCE] }, target: async (event) => events.push(event) }],
    });
    stubAws({ AWS_ENDPOINT_URL_EVENTBRIDGE: bus.url });
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await bus.close();
  });

  const publisher = () =>
    createEventPublisher({
      busName: 'default',
      serviceName: 'PhotoAvatarsprod-PhotoAvatars-36F6DE84',
      bucketName: 'photoavatars-prod-images-1a2b3c',
    });

  /** The event that a rule on the bus receives, formatted as in the document. */
  const received = async (publish: (to: ReturnType<typeof publisher>) => Promise<void>): Promise<string> => {
    events.length = 0;
    await publish(publisher());
    const [event] = events;
    expect(events).toHaveLength(1);
    const { source, detail } = event ?? {};
    return `\`\`\`json\n${JSON.stringify({ source, 'detail-type': event?.['detail-type'], detail }, null, 2)}\n\`\`\``;
  };

  it.each(Object.keys(ENDED_DETAIL_TYPES) as (keyof typeof ENDED_DETAIL_TYPES)[])(
    'is documented in docs/events.md as the code publishes it: %s',
    async (status) => {
      const record = ENDS[status]();
      expect(record.status).toBe(status);
      expect(record.open).toBe('announcing');
      expect(document).toContain(await received((to) => to.recordEnded(record)));
    },
  );

  it.each([
    ['blocked', { kind: 'blocked', reason: 'insufficient_credit', since: at('10:02:41.730').now }],
    ['unblocked', { kind: 'unblocked', since: at('10:02:41.730').now, at: at('10:31:00.118').now }],
  ] as const)(
    'is documented in docs/events.md as the code publishes it: an account %s',
    async (kind, change) => {
      const block = await received((to) => to.accountChanged(change));
      expect(block).toContain(ACCOUNT_DETAIL_TYPES[kind]);
      expect(document).toContain(block);
    },
  );

  it('contains no field of the request, because they are personal data', async () => {
    for (const end of Object.values(ENDS)) {
      const block = await received((to) => to.recordEnded(end()));
      for (const field of Object.keys(AVATAR)) expect(block).not.toContain(`"${field}"`);
    }
  });

  it('leaves nothing open on the record once it is published', () => {
    expect(published(ENDS.succeeded(), at('09:18:03')).open).toBeUndefined();
  });
});

describe('docs/events.md', () => {
  it.each(['listener', 'waiting-workflow'])('contains the code that is tested here: %s', (name) => {
    const lines = read(`./results/${name}.ts`).trimEnd().split('\n');
    const text = lines.filter((line) => !line.includes('/lib/photo-avatars.ts')).join('\n');
    expect(document).toContain(`\`\`\`ts\n${text}\n\`\`\``);
  });
});

describe('a listener', () => {
  const { stack, photoAvatars, template } = embedded();
  const shop = new Role(stack, 'Shop', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
  addListener(stack, photoAvatars, shop);
  const synthesized = template();
  const rule = resources(synthesized, 'AWS::Events::Rule').find(({ logicalId }) =>
    logicalId.startsWith('AvatarEnded'),
  );

  it('receives every final event of this service and no other event', () => {
    expect(rule?.Properties).toMatchObject({
      EventBusName: 'default',
      EventPattern: {
        source: [EVENT_SOURCE],
        'detail-type': Object.values(ENDED_DETAIL_TYPES),
        detail: { service: [photoAvatars.serviceName] },
      },
    });
  });

  it('may read the images that the events name', () => {
    const policy = resources(synthesized, 'AWS::IAM::Policy').find(({ logicalId }) =>
      logicalId.startsWith('Shop'),
    );
    const bucket = theResource(synthesized, 'AWS::S3::Bucket').logicalId;
    expect(statements(policy?.Properties.PolicyDocument)).toContainEqual(
      expect.objectContaining({
        Action: ['s3:GetObject'],
        Resource: [{ 'Fn::Join': ['', [{ 'Fn::GetAtt': [bucket, 'Arn'] }, '/images/*']] }],
      }),
    );
  });
});

describe('a workflow that waits', () => {
  const { stack, photoAvatars, template } = embedded();
  addWaitingWorkflow(stack, photoAvatars);
  const synthesized = template();
  const States = statesOf(synthesized);

  it('sends the execution id as the key every time, so that it never requests a second avatar', () => {
    const { Parameters, Resource, Next } = States.RequestOrGet ?? {};
    expect(Parameters).toMatchObject({ 'idempotency_key.$': '$$.Execution.Id' });
    expect(Resource).toContain(functionOf(synthesized, 'Api').logicalId);
    expect(Next).toBe('IsFinished');
    expect(States.WaitAMinute).toMatchObject({ Seconds: 60, Next: 'RequestOrGet' });
  });

  it('waits, succeeds or fails depending on the status of the record', () => {
    const condition = z.object({ Variable: z.string(), StringEquals: z.string() });
    const choices = z
      .array(
        z.union([
          condition.extend({ Next: z.string() }),
          z.object({ Or: z.array(condition), Next: z.string() }),
        ]),
      )
      .parse(States.IsFinished?.Choices);
    const nextOf = (status: string) =>
      choices.find((choice) =>
        ('Or' in choice ? choice.Or : [choice]).some(({ StringEquals }) => StringEquals === status),
      )?.Next ?? States.IsFinished?.Default;
    expect(Object.fromEntries(STATUSES.map((status) => [status, nextOf(status)]))).toEqual({
      queued: 'WaitAMinute',
      submitting: 'WaitAMinute',
      generating: 'WaitAMinute',
      succeeded: 'Finished',
      failed: 'CheckTheLedger',
      rejected: 'CheckTheLedger',
      in_doubt: 'CheckTheLedger',
      cancelled: 'CheckTheLedger',
    });
  });
});
