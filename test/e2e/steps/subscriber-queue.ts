import type { Aws } from '../aws.ts';

/** A queue that receives notifications. */
export interface SubscriberQueue {
  readonly arn: string;
  /** Receives and deletes messages. Waits for one second if the queue is empty. @returns their bodies */
  receive(): Promise<string[]>;
}

/** @param service that may send messages @param sourceArn the only resource on whose behalf it may */
export const createSubscriberQueue = async (
  aws: Aws,
  name: string,
  service: string,
  sourceArn: string,
): Promise<SubscriberQueue> => {
  const { QueueUrl } = await aws.json('sqs', 'CreateQueue', { QueueName: name });
  const { Attributes } = await aws.json('sqs', 'GetQueueAttributes', {
    QueueUrl,
    AttributeNames: ['QueueArn'],
  });
  const policy = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: service },
        Action: 'sqs:SendMessage',
        Resource: Attributes.QueueArn,
        Condition: { ArnEquals: { 'aws:SourceArn': sourceArn } },
      },
    ],
  };
  await aws.json('sqs', 'SetQueueAttributes', { QueueUrl, Attributes: { Policy: JSON.stringify(policy) } });
  return {
    arn: Attributes.QueueArn,
    async receive() {
      const { Messages = [] } = await aws.json('sqs', 'ReceiveMessage', {
        QueueUrl,
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: 1,
      });
      const bodies: string[] = [];
      for (const { Body, ReceiptHandle } of Messages) {
        await aws.json('sqs', 'DeleteMessage', { QueueUrl, ReceiptHandle });
        bodies.push(Body);
      }
      return bodies;
    },
  };
};
