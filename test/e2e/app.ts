import { App, CfnOutput } from 'aws-cdk-lib';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { readConfiguration } from '../../lib/config.ts';
import { PhotoAvatarsStack } from '../../lib/photo-avatars-stack.ts';
import { letAsk } from '../lib/triggers/sender.ts';
import { addTopic } from '../lib/triggers/topic.ts';
import { addUploads } from '../lib/triggers/uploads.ts';
import { addWorkflow } from '../lib/triggers/workflow.ts';
import { adapt } from './adaptation.ts';

const app = new App();
const configuration = readConfiguration(app.node.getAllContext());
// As in `bin/`.
const stack = new PhotoAvatarsStack(app, `PhotoAvatars-${configuration.stage}`, {
  configuration,
  description: `JoggAI photo avatars (${configuration.stage})`,
});
adapt(stack);

if (app.node.tryGetContext('e2e:examples') === 'true') {
  // What docs/triggers.md shows, as somebody adds it to a stack that is already there.
  const { photoAvatars } = stack;
  const roleOf = (id: string) => new Role(stack, id, { assumedBy: new AccountRootPrincipal() });
  const [shop, caller, stranger] = [roleOf('Shop'), roleOf('Caller'), roleOf('Stranger')];
  letAsk(shop, photoAvatars);
  photoAvatars.grantInvoke(caller);
  const outputs = {
    ShopRoleArn: shop.roleArn,
    CallerRoleArn: caller.roleArn,
    StrangerRoleArn: stranger.roleArn,
    UploadsBucket: addUploads(stack, photoAvatars, 'https://pictures.example.com').bucketName,
    WorkflowArn: addWorkflow(stack, photoAvatars).stateMachineArn,
    TopicArn: addTopic(stack, photoAvatars).topicArn,
  };
  for (const [id, value] of Object.entries(outputs)) new CfnOutput(stack, id, { value });
}
