import { Duration } from 'aws-cdk-lib';
import {
  Choice,
  Condition,
  DefinitionBody,
  Fail,
  JsonPath,
  StateMachine,
  Succeed,
  TaskInput,
  Wait,
  WaitTime,
} from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import type { PhotoAvatars } from '../../../lib/photo-avatars.ts';

export const addWaitingWorkflow = (parent: Construct, photoAvatars: PhotoAvatars) => {
  const scope = new Construct(parent, 'WaitingWorkflow');
  // The first invocation requests an avatar. Later ones carry the same key, so they only return its record.
  const request = new LambdaInvoke(scope, 'RequestOrGet', {
    lambdaFunction: photoAvatars.api.function.latestVersion,
    payloadResponseOnly: true,
    payload: TaskInput.fromObject({
      age: 'Adult',
      avatar_style: 'Professional',
      gender: JsonPath.stringAt('$.gender'),
      model: 'modern',
      aspect_ratio: 'portrait',
      idempotency_key: JsonPath.stringAt('$$.Execution.Id'),
    }),
    resultPath: '$.avatar',
  });
  const isStatus = (status: string) => Condition.stringEquals('$.avatar.status', status);
  const wait = new Wait(scope, 'WaitAMinute', { time: WaitTime.duration(Duration.minutes(1)) });
  const ended = new Choice(scope, 'IsFinished')
    .when(isStatus('succeeded'), new Succeed(scope, 'Finished'))
    .when(
      Condition.or(isStatus('queued'), isStatus('submitting'), isStatus('generating')),
      wait.next(request),
    )
    .otherwise(new Fail(scope, 'CheckTheLedger', { error: 'CheckTheLedger' }));
  return new StateMachine(scope, 'StateMachine', {
    definitionBody: DefinitionBody.fromChainable(request.next(ended)),
    timeout: Duration.days(2),
  });
};
