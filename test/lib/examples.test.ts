import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { expect, it } from 'vitest';
import { addListener } from './results/listener.ts';
import { addWaitingWorkflow } from './results/waiting-workflow.ts';
import { embedded, resources } from './synthesize.ts';
import { grantRequests } from './triggers/sender.ts';
import { addTopic } from './triggers/topic.ts';
import { addUploads } from './triggers/uploads.ts';
import { addWorkflow } from './triggers/workflow.ts';

it('all documented examples fit into one stack', () => {
  const { stack, photoAvatars, template } = embedded();
  const shop = new Role(stack, 'Shop', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
  grantRequests(shop, photoAvatars);
  addTopic(stack, photoAvatars);
  addUploads(stack, photoAvatars, 'https://pictures.example.com');
  addWorkflow(stack, photoAvatars);
  addListener(stack, photoAvatars, shop);
  addWaitingWorkflow(stack, photoAvatars);
  expect(resources(template(), 'AWS::StepFunctions::StateMachine')).toHaveLength(2);
});
