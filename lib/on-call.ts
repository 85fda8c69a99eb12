import { Annotations } from 'aws-cdk-lib';
import type { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { AlarmTopic } from './alarm-topic.ts';
import { DEFAULTS } from './defaults.ts';

export interface OnCallProps {
  /** E-mail address that receives the alarms. @default - none */
  readonly alarmEmail?: string | undefined;
  /**
   * An existing topic for the alarms, in the account and region of the stack. Its policy and the policy of its key must
   * allow `cloudwatch.amazonaws.com` and `events.amazonaws.com`. @default - a topic with a key of its own is created
   */
  readonly alarmTopic?: ITopic | undefined;
  /** Notified in addition to the topic, such as a pager. @default - none */
  readonly alarmActions?: readonly IAlarmAction[] | undefined;
  /** URL of your runbook, with a section for each alarm as in `docs/operations.md`. @default - that file's path */
  readonly runbookUrl?: string | undefined;
}

/** Who is notified of the alarms, and the runbook that their texts link. */
export interface OnCall {
  /** Notified when an alarm starts, and when one that follows a state ends. */
  readonly topic: AlarmTopic;
  /** Notified of the same by CloudWatch itself. */
  readonly actions: readonly IAlarmAction[];
  /** URL or path. An alarm appends the anchor of its section. */
  readonly runbookUrl: string;
}

/** Creates the topic of the alarms. Synthesis prints a warning if no receiver is known. */
export const createOnCall = (scope: Construct, props: OnCallProps): OnCall => {
  const { alarmEmail, alarmTopic, alarmActions = [], runbookUrl = DEFAULTS.runbookUrl } = props;
  if (!alarmEmail && !alarmTopic && alarmActions.length === 0) {
    Annotations.of(scope).addWarningV2(
      'photo-avatars:alarmsWithoutReceiver',
      'No receiver of the alarms is set: without a subscription to the alarm topic, an outage goes unnoticed. ' +
        'Set alarmEmail or alarmTopicArn (in CDK: alarmEmail, alarmTopic or alarmActions).',
    );
  }
  const topic = new AlarmTopic(scope, 'AlarmTopic', { email: alarmEmail, existing: alarmTopic });
  return { topic, actions: alarmActions, runbookUrl };
};
