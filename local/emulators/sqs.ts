import { CreateQueueCommand, GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';

export interface RequestQueues {
  readonly queueUrl: string;
  readonly queueArn: string;
  readonly deadLetterQueueUrl: string;
}

export interface RequestQueuesOptions {
  readonly queueName: string;
  /** Seconds for which a received message is hidden. */
  readonly visibilityTimeoutSeconds: number;
  /** Receives after which a message moves to the dead-letter queue. */
  readonly maxReceiveCount: number;
}

/** Creates the queue and its dead-letter queue if they do not exist. */
export const ensureRequestQueues = async (
  client: SQSClient,
  { queueName, visibilityTimeoutSeconds, maxReceiveCount }: RequestQueuesOptions,
): Promise<RequestQueues> => {
  const ensure = async (QueueName: string, Attributes: Record<string, string>) => {
    const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName, Attributes }));
    const described = await client.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
    );
    return { url: QueueUrl, arn: described.Attributes?.QueueArn ?? '' };
  };
  const deadLetters = await ensure(`${queueName}-dead-letters`, {});
  const queue = await ensure(queueName, {
    VisibilityTimeout: String(visibilityTimeoutSeconds),
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: deadLetters.arn, maxReceiveCount }),
  });
  return { queueUrl: queue.url, queueArn: queue.arn, deadLetterQueueUrl: deadLetters.url };
};
