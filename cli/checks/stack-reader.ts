import type { MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { once } from './check.ts';

export interface StackReaderOptions {
  readonly stackName: string;
  readonly region: string;
  readonly profile?: string | undefined;
}

/** A resource of a deployed stack. */
export interface StackResource {
  readonly type: string;
  readonly logicalId: string;
  /** Its name, URL or id, depending on the type. */
  readonly physicalId: string;
}

/** Who receives the messages of a topic. */
export interface Subscription {
  readonly protocol: string;
  readonly endpoint: string;
  /** An e-mail address receives nothing before its owner has clicked the link in a message of AWS. */
  readonly isConfirmed: boolean;
}

const MAX_ALARM_NAMES = 100;

/**
 * Reads a deployed stack. Loads the AWS SDK's clients when they are needed, because each takes longer to load than the
 * rest of the command line.
 */
export const createStackReader = ({ stackName, ...settings }: StackReaderOptions) => {
  // A limit of three seconds leaves no time for the SDK's own repetitions.
  const config = { ...settings, maxAttempts: 1 };

  const resources = once(async (abortSignal): Promise<StackResource[]> => {
    const { CloudFormationClient, paginateListStackResources } = await import(
      '@aws-sdk/client-cloudformation'
    );
    const client = new CloudFormationClient(config);
    const pages = paginateListStackResources({ client }, { StackName: stackName }, { abortSignal });
    const found: StackResource[] = [];
    for await (const { StackResourceSummaries = [] } of pages) {
      for (const {
        ResourceType: type,
        LogicalResourceId: logicalId,
        PhysicalResourceId,
      } of StackResourceSummaries)
        if (type && logicalId && PhysicalResourceId)
          found.push({ type, logicalId, physicalId: PhysicalResourceId });
    }
    return found;
  });

  const ofType = async (type: string, signal: AbortSignal): Promise<StackResource[]> =>
    (await resources(signal)).filter((resource) => resource.type === type);

  const cloudWatch = once(async () => {
    const sdk = await import('@aws-sdk/client-cloudwatch');
    return { sdk, client: new sdk.CloudWatchClient(config) };
  });

  const alarmsNow = async (abortSignal: AbortSignal): Promise<MetricAlarm[]> => {
    const names = (await ofType('AWS::CloudWatch::Alarm', abortSignal)).map(({ physicalId }) => physicalId);
    const { sdk, client } = await cloudWatch(abortSignal);
    const AlarmNames = names.slice(0, MAX_ALARM_NAMES);
    const { MetricAlarms = [] } = await client.send(
      new sdk.DescribeAlarmsCommand({ AlarmNames, MaxRecords: MAX_ALARM_NAMES }),
      { abortSignal },
    );
    return MetricAlarms;
  };

  return {
    ofType,

    /** The alarms as they are at each call. */
    alarmsNow,

    /** The alarms, read once. */
    alarms: once(alarmsNow),

    cloudWatch,

    /** The subscriptions of a topic. */
    async subscriptions(TopicArn: string, abortSignal?: AbortSignal): Promise<Subscription[]> {
      const { SNSClient, paginateListSubscriptionsByTopic } = await import('@aws-sdk/client-sns');
      const client = new SNSClient(config);
      const found: Subscription[] = [];
      const pages = paginateListSubscriptionsByTopic({ client }, { TopicArn }, { abortSignal });
      for await (const { Subscriptions = [] } of pages) {
        for (const { Protocol = '', Endpoint = '', SubscriptionArn = '' } of Subscriptions)
          if (SubscriptionArn !== 'Deleted')
            found.push({
              protocol: Protocol,
              endpoint: Endpoint,
              isConfirmed: SubscriptionArn.startsWith('arn:'),
            });
      }
      return found;
    },

    /** A queue's attributes, by name. */
    async queueAttributes(
      QueueUrl: string,
      abortSignal: AbortSignal,
    ): Promise<Partial<Record<string, string>>> {
      const { SQSClient, GetQueueAttributesCommand } = await import('@aws-sdk/client-sqs');
      const client = new SQSClient(config);
      const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] });
      return (await client.send(command, { abortSignal })).Attributes ?? {};
    },

    /** `ENABLED` or `DISABLED`. */
    async scheduleState(Name: string, abortSignal: AbortSignal): Promise<string | undefined> {
      const { SchedulerClient, GetScheduleCommand } = await import('@aws-sdk/client-scheduler');
      return (await new SchedulerClient(config).send(new GetScheduleCommand({ Name }), { abortSignal }))
        .State;
    },

    /** `ENABLED` or `DISABLED`. @param id name of the rule, after the name of its bus and `|` if that is no default bus */
    async ruleState(id: string, abortSignal: AbortSignal): Promise<string | undefined> {
      const { EventBridgeClient, DescribeRuleCommand } = await import('@aws-sdk/client-eventbridge');
      const [Name, EventBusName] = id.split('|').reverse();
      const command = new DescribeRuleCommand({ Name, ...(EventBusName && { EventBusName }) });
      return (await new EventBridgeClient(config).send(command, { abortSignal })).State;
    },

    /** `Enabled`, or another word. */
    async mappingState(UUID: string, abortSignal: AbortSignal): Promise<string | undefined> {
      const { LambdaClient, GetEventSourceMappingCommand } = await import('@aws-sdk/client-lambda');
      const command = new GetEventSourceMappingCommand({ UUID });
      return (await new LambdaClient(config).send(command, { abortSignal })).State;
    },

    /** Protection of a table against mistakes. */
    async tableProtection(TableName: string, abortSignal: AbortSignal) {
      const { DynamoDBClient, DescribeContinuousBackupsCommand, DescribeTableCommand } = await import(
        '@aws-sdk/client-dynamodb'
      );
      const client = new DynamoDBClient(config);
      const [{ ContinuousBackupsDescription: backups }, { Table }] = await Promise.all([
        client.send(new DescribeContinuousBackupsCommand({ TableName }), { abortSignal }),
        client.send(new DescribeTableCommand({ TableName }), { abortSignal }),
      ]);
      return {
        pointInTimeRecovery: backups?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus === 'ENABLED',
        deletionProtection: Table?.DeletionProtectionEnabled === true,
      };
    },
  };
};

export type StackReader = ReturnType<typeof createStackReader>;
