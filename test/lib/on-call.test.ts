import { readFileSync } from 'node:fs';
import { Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { PhotoAvatars } from '../../lib/photo-avatars.ts';
import { addSlack } from './on-call/slack.ts';
import { anApp, deployed, embedded, resources, statements } from './synthesize.ts';

const ALARM = 'AWS::CloudWatch::Alarm';
const TOPIC_ARN = 'arn:aws:sns:us-east-1:111122223333:team-alarms';

/** Alarms on a state: their end shows the recovery. */
const FOLLOW_A_STATE = [
  'backing-off',
  'backlog',
  'daily-limit-near',
  'dead-letters',
  'dispatch-stopped',
  'generation-status-unknown',
  'insufficient-credit',
  'invalid-api-key',
  'low-credit',
  'no-permission',
];

const sectionsOf = (template: Template, logicalIds: ReadonlySet<string>): string[] => {
  const found = resources(template, ALARM).filter(({ logicalId }) => logicalIds.has(logicalId));
  return found.map(({ Properties }) => String(Properties.AlarmDescription).split('#')[1] ?? '');
};
const distinct = (names: readonly string[]): string[] => [...new Set(names)].sort();

const endRule = z.object({
  EventPattern: z.object({
    source: z.tuple([z.literal('aws.cloudwatch')]),
    'detail-type': z.tuple([z.literal('CloudWatch Alarm State Change')]),
    resources: z.array(z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) })),
    detail: z.record(z.string(), z.object({ value: z.array(z.string()) })),
  }),
  Targets: z.tuple([
    z.object({
      Arn: z.unknown(),
      InputTransformer: z.object({
        InputPathsMap: z.record(z.string(), z.string()),
        InputTemplate: z.string(),
      }),
    }),
  ]),
});
const endRules = (template: Template) =>
  resources(template, 'AWS::Events::Rule').flatMap(
    ({ Properties }) => endRule.safeParse(Properties).data ?? [],
  );

const warnings = (stack: Stack): string[] =>
  Annotations.fromStack(stack)
    .findWarning('*', Match.anyValue())
    .map(({ entry }) => String(entry.data));

/** What EventBridge sends, with the text of the event at each path. */
const sent = ({ Targets: [{ InputTransformer: transformer }] }: z.infer<typeof endRule>, event: unknown) => {
  const at = (path: string): unknown =>
    path
      .split('.')
      .slice(1)
      .reduce((value, name) => Object(value)[name], event);
  const filled = Object.entries(transformer.InputPathsMap).reduce(
    (text, [name, path]) => text.replaceAll(`<${name}>`, String(at(path))),
    transformer.InputTemplate,
  );
  return JSON.parse(filled);
};

describe('the start of an alarm', () => {
  it('notifies the topic, for every alarm', () => {
    const { template } = deployed();
    const [topic] = resources(template, 'AWS::SNS::Topic');
    for (const { Properties } of resources(template, ALARM)) {
      expect(Properties.AlarmActions).toEqual([{ Ref: topic?.logicalId }]);
    }
  });
});

describe('the end of an alarm', () => {
  const { template } = deployed();
  const [topic] = resources(template, 'AWS::SNS::Topic');
  const rules = endRules(template);

  it('is announced for alarms that follow a state, each once, and for no count', () => {
    const announced = rules.flatMap(({ EventPattern }) =>
      EventPattern.resources.map((arn) => arn['Fn::GetAtt'][0]),
    );
    expect(new Set(announced).size).toBe(announced.length);
    expect(distinct(sectionsOf(template, new Set(announced)))).toEqual(FOLLOW_A_STATE);
  });

  it('is not announced when a new alarm gets its first data: only the change from ALARM to OK is', () => {
    expect(resources(template, ALARM).filter(({ Properties }) => Properties.OKActions !== undefined)).toEqual(
      [],
    );
    expect(rules.length).toBeGreaterThan(0);
    for (const { EventPattern } of rules) {
      expect(EventPattern.detail).toEqual({ state: { value: ['OK'] }, previousState: { value: ['ALARM'] } });
    }
  });

  it('has patterns of at most 2,048 characters, even with the longest names that alarms can have', () => {
    const arn = `arn:aws-us-gov:cloudwatch:ap-southeast-1:111122223333:alarm:${'n'.repeat(255)}`;
    for (const { EventPattern } of rules) {
      const pattern = JSON.stringify({ ...EventPattern, resources: EventPattern.resources.map(() => arn) });
      expect(pattern.length).toBeLessThanOrEqual(2_048);
    }
  });

  it('is sent to the topic in the format that chats show, with the name of the alarm and the reason', () => {
    const event = {
      detail: { alarmName: 'Avatars-LowCredit', state: { value: 'OK', reason: '50 credits.' } },
    };
    for (const rule of rules) {
      expect(rule.Targets[0].Arn).toEqual({ Ref: topic?.logicalId });
      expect(sent(rule, event)).toEqual({
        version: '1.0',
        source: 'custom',
        content: { title: 'OK: Avatars-LowCredit', description: 'The alarm has ended. 50 credits.' },
      });
    }
  });

  it('can be published and encrypted by EventBridge', () => {
    const events = { Service: 'events.amazonaws.com' };
    const [policy] = resources(template, 'AWS::SNS::TopicPolicy');
    const [key] = resources(template, 'AWS::KMS::Key');
    const allows = (document: unknown, action: RegExp) =>
      statements(document).some(
        ({ Principal, Action, Effect, Condition }) =>
          Effect === 'Allow' &&
          !Condition &&
          JSON.stringify(Principal) === JSON.stringify(events) &&
          Action.some((each) => action.test(each)),
      );
    expect(allows(policy?.Properties.PolicyDocument, /^sns:Publish$/)).toBe(true);
    expect(allows(key?.Properties.KeyPolicy, /^kms:GenerateDataKey\*$/)).toBe(true);
    expect(allows(key?.Properties.KeyPolicy, /^kms:Decrypt$/)).toBe(true);
  });
});

describe('an existing topic', () => {
  it('replaces the topic and its key, is an output, and gets starts and ends', () => {
    const { template } = deployed({ alarmTopicArn: TOPIC_ARN });
    template.resourceCountIs('AWS::SNS::Topic', 0);
    template.resourceCountIs('AWS::KMS::Key', 0);
    template.hasOutput('AlarmTopic', { Value: TOPIC_ARN });
    for (const { Properties } of resources(template, ALARM))
      expect(Properties.AlarmActions).toEqual([TOPIC_ARN]);
    expect(new Set(endRules(template).map(({ Targets: [{ Arn }] }) => Arn))).toEqual(new Set([TOPIC_ARN]));
  });

  it('gets the e-mail subscription, too, if both are set', () => {
    const { template } = deployed({ alarmTopicArn: TOPIC_ARN, alarmEmail: 'oncall@example.com' });
    template.hasResourceProperties('AWS::SNS::Subscription', { TopicArn: TOPIC_ARN, Protocol: 'email' });
  });

  it('of the same app is allowed to be used by alarms and rules, as is its key', () => {
    const stack = new Stack(anApp(), 'Embedding');
    const masterKey = new Key(stack, 'TeamKey');
    const topic = new Topic(stack, 'TeamTopic', { masterKey });
    new PhotoAvatars(stack, 'PhotoAvatars', { alarmTopic: topic });
    const template = Template.fromStack(stack);
    const services = (document: unknown) =>
      distinct(statements(document).map(({ Principal }) => String(Object(Principal).Service)));
    const [policy] = resources(template, 'AWS::SNS::TopicPolicy');
    const [key] = resources(template, 'AWS::KMS::Key');
    expect(services(policy?.Properties.PolicyDocument)).toEqual([
      'cloudwatch.amazonaws.com',
      'events.amazonaws.com',
    ]);
    expect(services(key?.Properties.KeyPolicy)).toEqual(
      expect.arrayContaining(['cloudwatch.amazonaws.com', 'events.amazonaws.com']),
    );
  });

  it.each(['team-alarms', 'arn:aws:sqs:us-east-1:111122223333:team-alarms'])(
    'is given by its ARN, not as %s',
    (value) => {
      expect(() => deployed({ alarmTopicArn: value })).toThrow('alarmTopicArn is');
    },
  );
});

describe('the actions of a team', () => {
  it('are added to every start, and to the end of alarms that follow a state, so that a pager closes its incident', () => {
    const stack = new Stack(anApp(), 'Embedding');
    const pager = Topic.fromTopicArn(stack, 'Pager', TOPIC_ARN);
    const photoAvatars = new PhotoAvatars(stack, 'PhotoAvatars', { alarmActions: [new SnsAction(pager)] });
    const template = Template.fromStack(stack);
    const own = stack.resolve(photoAvatars.alarmTopic.topic.topicArn);
    const alarms = resources(template, ALARM);
    for (const { Properties } of alarms) expect(Properties.AlarmActions).toEqual([own, TOPIC_ARN]);
    const withEnd = alarms.filter(({ Properties }) => Properties.OKActions !== undefined);
    for (const { Properties } of withEnd) expect(Properties.OKActions).toEqual([TOPIC_ARN]);
    expect(distinct(sectionsOf(template, new Set(withEnd.map(({ logicalId }) => logicalId))))).toEqual(
      FOLLOW_A_STATE,
    );
  });
});

describe('a chat', () => {
  const code = readFileSync(new URL('./on-call/slack.ts', import.meta.url), 'utf8');

  it('is connected by the code in docs/operations.md', () => {
    const sample = code
      .trimEnd()
      .split('\n')
      .filter((line) => !line.includes('/lib/photo-avatars.ts'));
    const document = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
    expect(document).toContain(`\`\`\`ts\n${sample.join('\n')}\n\`\`\``);
    const { stack, photoAvatars, template } = embedded();
    addSlack(stack, photoAvatars, 'T0123456789', 'C0123456789');
    const topic = stack.resolve(photoAvatars.alarmTopic.topic.topicArn);
    template().hasResourceProperties('AWS::Chatbot::SlackChannelConfiguration', { SnsTopicArns: [topic] });
  });
});

describe('the runbook', () => {
  const linked = (template: Template) =>
    resources(template, ALARM).map(({ Properties }) => String(Properties.AlarmDescription).split(' ').at(-1));

  it('that alarms link is docs/operations.md, or a page of your own', () => {
    for (const link of linked(deployed().template)) expect(link).toMatch(/^docs\/operations\.md#[a-z-]+$/);
    const runbookUrl = 'https://wiki.example.com/avatars';
    for (const link of linked(deployed({ runbookUrl }).template)) {
      expect(link).toMatch(/^https:\/\/wiki\.example\.com\/avatars#[a-z-]+$/);
    }
  });

  it('has a URL so short that no alarm text exceeds the 1,024 characters of CloudWatch', () => {
    const runbookUrl = `https://${'a'.repeat(400)}`;
    for (const { Properties } of resources(deployed({ runbookUrl }).template, ALARM)) {
      expect(String(Properties.AlarmDescription).length).toBeLessThanOrEqual(1_024);
    }
    expect(() => deployed({ runbookUrl: `${runbookUrl}a` })).toThrow('runbookUrl is');
  });

  it.each(['http://wiki.example.com', 'docs/runbook.md', 'https://wiki.example.com/page#top'])(
    'is an https:// URL without an anchor, not %s',
    (runbookUrl) => {
      expect(() => deployed({ runbookUrl })).toThrow('runbookUrl is');
    },
  );
});

describe('synthesis', () => {
  it('warns if no receiver of the alarms is known, and says what to set', () => {
    for (const { stack } of [deployed(), embedded()]) {
      expect(warnings(stack)).toEqual([expect.stringMatching(/alarmEmail.*alarmsWithoutReceiver/s)]);
    }
  });

  it.each([
    ['an e-mail address', { alarmEmail: 'oncall@example.com' }],
    ['a topic', { alarmTopicArn: TOPIC_ARN }],
  ])('does not warn with %s', (_, settings) => {
    expect(warnings(deployed(settings).stack)).toEqual([]);
  });

  it("does not warn with a team's own actions", () => {
    const stack = new Stack(anApp(), 'Embedding');
    const pager = Topic.fromTopicArn(stack, 'Pager', TOPIC_ARN);
    new PhotoAvatars(stack, 'PhotoAvatars', { alarmActions: [new SnsAction(pager)] });
    expect(warnings(stack)).toEqual([]);
  });
});
