import { type IEventBus, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { REQUEST_DETAIL_TYPE } from '../lambda/intake/detail-type.ts';
import type { RequestQueue } from './request-queue.ts';

export interface RequestRuleProps {
  readonly requests: RequestQueue;
  /** @default - the account's default bus */
  readonly eventBus?: IEventBus | undefined;
  /** @default - events of any source */
  readonly sources?: readonly string[] | undefined;
}

/** Puts events that ask for a photo avatar on the queue. */
export class RequestRule extends Construct {
  readonly rule: Rule;

  constructor(scope: Construct, id: string, { requests, eventBus, sources }: RequestRuleProps) {
    super(scope, id);
    this.rule = new Rule(this, 'Rule', {
      description: 'Requests for photo avatars.',
      ...(eventBus && { eventBus }),
      eventPattern: { detailType: [REQUEST_DETAIL_TYPE], ...(sources && { source: [...sources] }) },
      targets: [new SqsQueue(requests.queue, { deadLetterQueue: requests.deadLetterQueue })],
    });
  }
}
