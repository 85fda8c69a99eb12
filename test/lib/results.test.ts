import { readFileSync } from 'node:fs';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { createEventPublisher } from '../../lambda/adapters/event-publisher.ts';
import { published } from '../../lambda/domain/generation/generation-rules.ts';
import { STATUSES } from '../../lambda/domain/record/record.ts';
import { ACCOUNT_DETAIL_TYPES, ENDED_DETAIL_TYPES, EVENT_SOURCE } from '../../lambda/shared/event-names.ts';
import { PhotoAvatars } from '../../lib/photo-avatars.ts';
import { type BusEvent, startEventBridge } from '../../local/emulators/event-bridge.ts';
import type { RunningServer } from '../../local/server.ts';
import { stubAws } from '../support/aws.ts';
import { ACCOUNT_CHANGES, at, ENDS } from '../support/ended-records.ts';
import { AVATAR } from '../support/requests.ts';
import { addListener } from './results/listener.ts';
import { addWaitingWorkflow } from './results/waiting-workflow.ts';
import { embedded, functionOf, resources, statements, statesOf, theResource } from './synthesize.ts';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const document = read('../../docs/events.md');

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

  it.each(ACCOUNT_CHANGES)(
    'is documented in docs/events.md as the code publishes it: an account $kind',
    async (change) => {
      const block = await received((to) => to.accountChanged(change));
      expect(block).toContain(ACCOUNT_DETAIL_TYPES[change.kind]);
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
  const target = new SqsQueue(new Queue(stack, 'Others'));
  const detail = { caller: ['my.shop'] };
  const returned = [
    photoAvatars.onSucceeded('Successes', { target, description: 'New pictures.', eventPattern: { detail } }),
    photoAvatars.onAccountBlocked('Blocks', { target }),
  ];
  const synthesized = template();
  const ruleOf = (name: string) =>
    resources(synthesized, 'AWS::Events::Rule').find(({ logicalId }) => logicalId.includes(name))?.Properties;
  const matching = (detailTypes: readonly string[]) => ({
    EventBusName: 'default',
    EventPattern: {
      source: [EVENT_SOURCE],
      'detail-type': detailTypes,
      detail: { service: [photoAvatars.serviceName] },
    },
  });

  it('receives every final event of this service and no other event', () => {
    expect(ruleOf('ForShop')).toMatchObject(matching(Object.values(ENDED_DETAIL_TYPES)));
  });

  it('of successes may narrow them, and of blocks receives nothing else', () => {
    const { EventPattern } = matching([ENDED_DETAIL_TYPES.succeeded]);
    expect(ruleOf('Successes')).toMatchObject({
      Description: 'New pictures.',
      EventPattern: { ...EventPattern, detail: { ...EventPattern.detail, ...detail } },
    });
    expect(ruleOf('Blocks')).toMatchObject(matching([ACCOUNT_DETAIL_TYPES.blocked]));
    expect(returned.map(({ node }) => node.id)).toEqual(['Successes', 'Blocks']);
  });

  it('receives them from the bus that results are published to', () => {
    const own = embedded();
    const bus = new EventBus(own.stack, 'Results');
    const service = new PhotoAvatars(own.stack, 'OnOwnBus', { resultsBus: bus });
    service.onEnded('ForShop', { target: new SqsQueue(new Queue(own.stack, 'Ends')) });
    const rule = resources(own.template(), 'AWS::Events::Rule').find(({ logicalId }) =>
      logicalId.includes('ForShop'),
    );
    expect(rule?.Properties.EventBusName).toEqual(own.stack.resolve(bus.eventBusName));
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
