import { DefinitionBody, Fail, JsonPath, Pass, StateMachine, TaskInput } from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import type { PhotoAvatars } from '../../../lib/photo-avatars.ts';

export const addWorkflow = (parent: Construct, photoAvatars: PhotoAvatars) => {
  const scope = new Construct(parent, 'AvatarWorkflow');
  const request = new LambdaInvoke(scope, 'RequestAvatar', {
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
  });
  request
    .addCatch(new Fail(scope, 'CorrectTheRequest', { error: 'CorrectTheRequest' }), {
      errors: ['InvalidRequest', 'IdempotencyKeyReused', 'RejectedByJoggAI'],
    })
    // Not charged: start the execution again once an operator has removed the cause.
    .addCatch(new Fail(scope, 'RetryLater', { error: 'RetryLater' }), {
      errors: [
        'InsufficientCredit',
        'NoPermission',
        'InvalidApiKey',
        'MissingApiKey',
        'Paused',
        'DailyLimitReached',
        'CallerLimitReached',
      ],
    })
    // Possibly charged: InDoubt, NotRecorded, JoggAIFailed, or an invocation that ended early.
    .addCatch(new Fail(scope, 'CheckTheLedger', { error: 'CheckTheLedger' }));
  return new StateMachine(scope, 'StateMachine', {
    definitionBody: DefinitionBody.fromChainable(request.next(new Pass(scope, 'Recorded'))),
  });
};
