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
import type { Construct } from 'constructs';
import type { PhotoAvatars } from '../../../lib/photo-avatars.ts';

export const addWaitingWorkflow = (scope: Construct, photoAvatars: PhotoAvatars) => {
  // The first time it asks for an avatar; every other time the same key only looks the same record up.
  const ask = new LambdaInvoke(scope, 'AskOrLookUp', {
    lambdaFunction: photoAvatars.api.function,
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
  const ended = new Choice(scope, 'IsItThere')
    .when(isStatus('succeeded'), new Succeed(scope, 'ItIsThere'))
    .when(Condition.or(isStatus('queued'), isStatus('submitting'), isStatus('generating')), wait.next(ask))
    .otherwise(new Fail(scope, 'LookIntoTheLedger', { error: 'LookIntoTheLedger' }));
  return new StateMachine(scope, 'WaitingWorkflow', {
    definitionBody: DefinitionBody.fromChainable(ask.next(ended)),
    timeout: Duration.days(2),
  });
};
