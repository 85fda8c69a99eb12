import type { Aws } from '../aws.ts';

/** A queue of somebody who wants to be told. */
export interface Mailbox {
  readonly arn: string;
  /** Bodies of the messages that came, waiting for a second if there are none. They are gone then. */
  receive(): Promise<string[]>;
}

/** @param service which may send to it @param sourceArn on behalf of this resource alone */
export const queueFor = async (
  aws: Aws,
  name: string,
  service: string,
  sourceArn: string,
): Promise<Mailbox> => {
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
