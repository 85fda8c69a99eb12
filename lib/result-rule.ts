import { type IEventBus, type OnEventOptions, Rule } from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';
import { EVENT_SOURCE } from '../lambda/shared/event-names.ts';

export interface ResultRuleProps {
  /** The bus that results are published to. */
  readonly eventBus: IEventBus;
  readonly serviceName: string;
  readonly detailTypes: readonly string[];
}

/** A rule for events that one service publishes. A pattern in the options narrows it. */
export const resultRule = (
  scope: Construct,
  id: string,
  { eventBus, serviceName, detailTypes }: ResultRuleProps,
  { target, ...options }: OnEventOptions,
): Rule => {
  const rule = new Rule(scope, id, { eventBus, ...options });
  rule.addEventPattern({
    source: [EVENT_SOURCE],
    detailType: [...detailTypes],
    detail: { service: [serviceName] },
  });
  rule.addTarget(target);
  return rule;
};
