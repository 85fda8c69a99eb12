import { fileURLToPath } from 'node:url';
import { App, CfnOutput } from 'aws-cdk-lib';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { CfnEventInvokeConfig } from 'aws-cdk-lib/aws-lambda';
import { PhotoAvatarsStack } from '../../lib/photo-avatars-stack.ts';
import { readStage } from '../../lib/stage-file.ts';
import { grantRequests } from '../lib/triggers/sender.ts';
import { addTopic } from '../lib/triggers/topic.ts';
import { addUploads } from '../lib/triggers/uploads.ts';
import { addWorkflow } from '../lib/triggers/workflow.ts';
import { adapt } from './adaptation.ts';

const app = new App();
const configuration = readStage(fileURLToPath(new URL('../..', import.meta.url)), app.node.getAllContext());
// The same stack as in `bin/`.
const stack = new PhotoAvatarsStack(app, `PhotoAvatars-${configuration.stage}`, {
  configuration,
  description: `JoggAI photo avatars (${configuration.stage})`,
});
adapt(stack);

if (app.node.tryGetContext('e2e:failure') === 'true') {
  const missing = { functionName: 'missing', qualifier: '$LATEST' };
  new CfnEventInvokeConfig(stack, 'Failure', missing).node.addDependency(stack.photoAvatars);
}

if (app.node.tryGetContext('e2e:examples') === 'true') {
  // The examples of docs/triggers.md, added to an existing stack.
  const { photoAvatars } = stack;
  const roleOf = (id: string) => new Role(stack, id, { assumedBy: new AccountRootPrincipal() });
  const [shop, caller, other] = [roleOf('Shop'), roleOf('Caller'), roleOf('Other')];
  grantRequests(shop, photoAvatars);
  photoAvatars.grantInvoke(caller);
  const [submitter, reader, operator] = [roleOf('Submitter'), roleOf('Reader'), roleOf('Operator')];
  photoAvatars.grantSubmit(submitter);
  photoAvatars.grantRead(reader);
  photoAvatars.grantOperate(operator);
  const outputs = {
    ShopRoleArn: shop.roleArn,
    CallerRoleArn: caller.roleArn,
    OtherRoleArn: other.roleArn,
    SubmitterRoleArn: submitter.roleArn,
    ReaderRoleArn: reader.roleArn,
    OperatorRoleArn: operator.roleArn,
    UploadsBucket: addUploads(stack, photoAvatars, 'https://images.example.com').bucketName,
    WorkflowArn: addWorkflow(stack, photoAvatars).stateMachineArn,
    TopicArn: addTopic(stack, photoAvatars).topicArn,
  };
  for (const [id, value] of Object.entries(outputs)) new CfnOutput(stack, id, { value });
}
