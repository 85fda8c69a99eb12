import { DefinitionBody, Fail, JsonPath, Pass, StateMachine, TaskInput } from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import type { PhotoAvatars } from '../../../lib/photo-avatars.ts';

export const addWorkflow = (scope: Construct, photoAvatars: PhotoAvatars) => {
  const ask = new LambdaInvoke(scope, 'AskForAvatar', {
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
  });
  ask
    .addCatch(new Fail(scope, 'CorrectTheRequest', { error: 'CorrectTheRequest' }), {
      errors: ['InvalidRequest', 'IdempotencyKeyReused', 'RejectedByJoggAI'],
    })
    // Not charged: start the execution again when an operator has ended the cause.
    .addCatch(new Fail(scope, 'AskAgainLater', { error: 'AskAgainLater' }), {
      errors: [
        'InsufficientCredit',
        'NoPermission',
        'InvalidApiKey',
        'MissingApiKey',
        'Paused',
        'DailyLimitReached',
      ],
    })
    // Perhaps charged: InDoubt, NotRecorded, JoggAIFailed, or a function that broke off.
    .addCatch(new Fail(scope, 'LookIntoTheLedger', { error: 'LookIntoTheLedger' }));
  return new StateMachine(scope, 'AvatarWorkflow', {
    definitionBody: DefinitionBody.fromChainable(ask.next(new Pass(scope, 'Recorded'))),
  });
};
