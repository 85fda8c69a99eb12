import { type IEventBus, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { REQUEST_DETAIL_TYPE } from '../lambda/shared/event-names.ts';
import type { RequestQueue } from './request-queue.ts';

export interface RequestRuleProps {
  readonly requests: RequestQueue;
  /** @default - the default bus of the account */
  readonly eventBus?: IEventBus | undefined;
  /** @default - every source on the bus */
  readonly sources?: readonly string[] | undefined;
}

/** Sends events that request a photo avatar to the queue. */
export class RequestRule extends Construct {
  readonly rule: Rule;

  constructor(scope: Construct, id: string, { requests, eventBus, sources }: RequestRuleProps) {
    super(scope, id);
    this.rule = new Rule(this, 'Rule', {
      description: 'Sends photo avatar requests to the queue.',
      ...(eventBus && { eventBus }),
      eventPattern: { detailType: [REQUEST_DETAIL_TYPE], ...(sources && { source: [...sources] }) },
      targets: [new SqsQueue(requests.queue, { deadLetterQueue: requests.deadLetterQueue })],
    });
  }
}
