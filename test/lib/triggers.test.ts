import { readFileSync } from 'node:fs';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { readKeyedRequest } from '../../lambda/domain/request/keyed-request.ts';
import type { RefusalName } from '../../lambda/invoke/direct-api.ts';
import { embedded, functionOf, resources, statements, statesOf, theResource } from './synthesize.ts';
import { grantRequests } from './triggers/sender.ts';
import { addTopic } from './triggers/topic.ts';
import { addUploads } from './triggers/uploads.ts';
import { addWorkflow } from './triggers/workflow.ts';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const document = read('../../docs/triggers.md');

const queueOf = (template: Parameters<typeof resources>[0]) => {
  const queue = resources(template, 'AWS::SQS::Queue').find(({ logicalId }) =>
    logicalId.startsWith('PhotoAvatarsRequestsQueue'),
  );
  return { 'Fn::GetAtt': [queue?.logicalId, 'Arn'] };
};

describe('docs/triggers.md', () => {
  it.each(['sender', 'topic', 'uploads', 'workflow'])('contains the code that is tested here: %s', (name) => {
    const lines = read(`./triggers/${name}.ts`).trimEnd().split('\n');
    const sample = lines.filter((line) => !line.includes('/lib/photo-avatars.ts')).join('\n');
    expect(document).toContain(`\`\`\`ts\n${sample}\n\`\`\``);
  });

  it('contains valid requests only', () => {
    const blocks = [...document.matchAll(/```json\n(.*?)\n```/gs)].map(([, json = '']): unknown =>
      JSON.parse(json),
    );
    const entries = z.array(z.object({ Detail: z.string() }));
    const requests = blocks.flatMap((block) => {
      const put = entries.safeParse(block);
      if (put.success) return put.data.map(({ Detail }): unknown => JSON.parse(Detail));
      return Object.hasOwn(Object(block), 'avatar_style') ? [block] : [];
    });
    expect(requests).toHaveLength(2);
    for (const request of requests) expect(readKeyedRequest(request).kind).toBe('valid');
  });
});

describe('a sender', () => {
  it('may send requests to the queue and invoke the api function', () => {
    const { stack, photoAvatars, template } = embedded();
    grantRequests(
      new Role(stack, 'Shop', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') }),
      photoAvatars,
    );
    const policy = resources(template(), 'AWS::IAM::Policy').find(({ logicalId }) =>
      logicalId.startsWith('Shop'),
    );
    const actions = statements(policy?.Properties.PolicyDocument).flatMap(({ Action }) => Action);
    expect(actions).toEqual(expect.arrayContaining(['sqs:SendMessage', 'lambda:InvokeFunction']));
  });
});

describe('a topic', () => {
  it('delivers to the queue and has permission to', () => {
    const { stack, photoAvatars, template } = embedded();
    const { node } = addTopic(stack, photoAvatars);
    const synthesized = template();
    const subscription = theResource(synthesized, 'AWS::SNS::Subscription');
    expect(subscription.Properties).toMatchObject({ Protocol: 'sqs', Endpoint: queueOf(synthesized) });
    const topic = resources(synthesized, 'AWS::SNS::Topic').find(({ logicalId }) =>
      logicalId.startsWith(node.id),
    );
    const policies = resources(synthesized, 'AWS::SQS::QueuePolicy').flatMap(({ Properties }) =>
      statements(Properties.PolicyDocument),
    );
    expect(policies).toContainEqual(
      expect.objectContaining({
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Resource: [queueOf(synthesized)],
        Condition: { ArnEquals: { 'aws:SourceArn': { Ref: topic?.logicalId } } },
      }),
    );
  });
});

describe('an upload', () => {
  const transformer = z.object({
    InputPathsMap: z.record(z.string(), z.string()),
    InputTemplate: z.string(),
  });

  /** Applies an input transformer as EventBridge does: a value inside quotes is inserted without escaping. */
  const transform = (
    { InputPathsMap, InputTemplate }: z.infer<typeof transformer>,
    event: unknown,
  ): unknown => {
    const valueAt = (path: string): unknown =>
      path
        .replace(/^\$\./, '')
        .split('.')
        .reduce((value: unknown, name) => Object(value)[name], event);
    return JSON.parse(
      InputTemplate.replace(/<([^>]+)>/g, (_, name: string) => String(valueAt(InputPathsMap[name] ?? ''))),
    );
  };

  it('becomes a valid request for the uploaded image, with a key that is unique to the write', () => {
    const { stack, photoAvatars, template } = embedded();
    addUploads(stack, photoAvatars, 'https://pictures.example.com');
    const synthesized = template();
    const rule = resources(synthesized, 'AWS::Events::Rule').find(({ logicalId }) =>
      logicalId.startsWith('ImageUploaded'),
    );
    expect(rule?.Properties.EventPattern).toMatchObject({
      source: ['aws.s3'],
      'detail-type': ['Object Created'],
    });
    const targets = z.array(z.looseObject({ Arn: z.unknown(), InputTransformer: transformer }));
    const [target] = targets.parse(rule?.Properties.Targets);
    if (!target) throw new Error('The rule has no target.');
    expect(target.Arn).toEqual(queueOf(synthesized));
    // As in https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
    const event = {
      version: '0',
      id: '17793124-05d4-b198-2fde-7ededc63b103',
      'detail-type': 'Object Created',
      source: 'aws.s3',
      detail: {
        bucket: { name: 'uploads' },
        object: {
          key: 'faces/ada.jpg',
          size: 5,
          etag: 'b1946ac92492d2347c6235b4d2611184',
          sequencer: '617f08299329d189',
        },
        reason: 'PutObject',
      },
    };
    expect(readKeyedRequest(transform(target.InputTransformer, event))).toMatchObject({
      kind: 'valid',
      request: { image_url: 'https://pictures.example.com/faces/ada.jpg' },
      key: 'b1946ac92492d2347c6235b4d2611184-617f08299329d189',
    });
    expect(resources(synthesized, 'Custom::S3BucketNotifications')).toMatchObject([
      { Properties: { NotificationConfiguration: { EventBridgeConfiguration: {} } } },
    ]);
  });
});

describe('a workflow', () => {
  const NEXT_STATE = {
    InvalidRequest: 'CorrectTheRequest',
    IdempotencyKeyReused: 'CorrectTheRequest',
    RejectedByJoggAI: 'CorrectTheRequest',
    InsufficientCredit: 'RetryLater',
    NoPermission: 'RetryLater',
    InvalidApiKey: 'RetryLater',
    MissingApiKey: 'RetryLater',
    Paused: 'RetryLater',
    DailyLimitReached: 'RetryLater',
    CallerLimitReached: 'RetryLater',
    Cancelled: 'CheckTheLedger',
    JoggAIFailed: 'CheckTheLedger',
    InDoubt: 'CheckTheLedger',
    NotRecorded: 'CheckTheLedger',
    Unavailable: 'CheckTheLedger',
    UnreadableItem: 'CheckTheLedger',
  } as const satisfies Record<RefusalName, string>;

  const task = () => {
    const { stack, photoAvatars, template } = embedded();
    addWorkflow(stack, photoAvatars);
    const synthesized = template();
    return { synthesized, state: Object(statesOf(synthesized).RequestAvatar) };
  };

  it('invokes the api function with a valid request and the execution id as its key', () => {
    const { synthesized, state } = task();
    expect(state.Resource).toContain(functionOf(synthesized, 'Api').logicalId);
    const { 'gender.$': gender, 'idempotency_key.$': key, ...fixed } = state.Parameters;
    expect([gender, key]).toEqual(['$.gender', '$$.Execution.Id']);
    expect(readKeyedRequest({ ...fixed, gender: 'Male' }).kind).toBe('valid');
  });

  it('catches every error that the function throws by its name', () => {
    const catches = z
      .array(z.object({ ErrorEquals: z.array(z.string()), Next: z.string() }))
      .parse(task().state.Catch);
    const nextOf = (name: string) =>
      catches.find(({ ErrorEquals }) => ErrorEquals.some((each) => each === name || each === 'States.ALL'))
        ?.Next;
    for (const [name, next] of Object.entries(NEXT_STATE)) {
      expect(nextOf(name), name).toBe(next);
      expect(document).toContain(`\`${name}\``);
    }
    const named = catches.flatMap(({ ErrorEquals }) => ErrorEquals).filter((name) => name !== 'States.ALL');
    for (const name of named) expect(Object.keys(NEXT_STATE)).toContain(name);
  });
});
