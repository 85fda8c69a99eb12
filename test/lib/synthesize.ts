import { readFileSync } from 'node:fs';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as z from 'zod';
import { REQUEST_DETAIL_TYPE } from '../../lambda/shared/event-names.ts';
import { readConfiguration } from '../../lib/config.ts';
import { PhotoAvatars, type PhotoAvatarsProps } from '../../lib/photo-avatars.ts';
import { PhotoAvatarsStack } from '../../lib/photo-avatars-stack.ts';

const cdkJson = z.object({ context: z.record(z.string(), z.unknown()) });

/** The feature flags of a deployment. `new App()` alone sets none of them. */
export const deployedContext = cdkJson.parse(
  JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8')),
).context;

export const anApp = (): App => new App({ context: deployedContext, analyticsReporting: false });

/** The stack as `cdk synth -c …` creates it, and its template. */
export const deployed = (settings: Record<string, unknown> = {}) => {
  const app = anApp();
  const configuration = readConfiguration({ ...deployedContext, ...settings });
  const stack = new PhotoAvatarsStack(app, `PhotoAvatars-${configuration.stage}`, { configuration });
  return { app, stack, template: Template.fromStack(stack) };
};

/** A stack that contains the construct. Call `template` after adding everything else. */
export const embedded = (props: PhotoAvatarsProps = {}) => {
  const stack = new Stack(anApp(), 'Embedding');
  const photoAvatars = new PhotoAvatars(stack, 'PhotoAvatars', props);
  return { stack, photoAvatars, template: () => Template.fromStack(stack) };
};

const resource = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DeletionPolicy: z.string().optional(),
  UpdateReplacePolicy: z.string().optional(),
});

type Resource = z.infer<typeof resource> & { readonly logicalId: string };

/** All resources of a type, with their logical ids. */
export const resources = (template: Template, type: string): Resource[] =>
  Object.entries(template.findResources(type)).map(([logicalId, found]) => ({
    logicalId,
    ...resource.parse(found),
  }));

/** All resources. */
export const allResources = (template: Template): z.infer<typeof resource>[] =>
  z.array(resource).parse(Object.values(template.toJSON().Resources));

/** The one resource of a type. */
export const theResource = (template: Template, type: string): Resource => {
  const [only, ...others] = resources(template, type);
  if (!only || others.length > 0)
    throw new Error(`Expected one ${type}, found ${others.length + (only ? 1 : 0)}.`);
  return only;
};

/** The rule that sends events with a request to the queue of events. */
export const requestRuleOf = (template: Template): Resource => {
  const found = resources(template, 'AWS::Events::Rule').find(({ Properties }) =>
    JSON.stringify(Properties.EventPattern).includes(REQUEST_DETAIL_TYPE),
  );
  if (!found) throw new Error('There is no rule for events with a request.');
  return found;
};

/** A function of the service, by a part of its logical id. */
export const functionOf = (template: Template, name: 'Api' | 'Intake' | 'Dispatch'): Resource => {
  const found = resources(template, 'AWS::Lambda::Function').find(({ logicalId }) =>
    logicalId.includes(name),
  );
  if (!found) throw new Error(`There is no function ${name}.`);
  return found;
};

const stateMachine = z.object({ States: z.record(z.string(), z.record(z.string(), z.unknown())) });

/** The states of the one state machine, with references to other resources as text. */
export const statesOf = (template: Template): z.infer<typeof stateMachine>['States'] => {
  const { DefinitionString } = theResource(template, 'AWS::StepFunctions::StateMachine').Properties;
  const parts: unknown[] = Object(DefinitionString)['Fn::Join'][1];
  const text = parts.map((part) =>
    typeof part === 'string' ? part : JSON.stringify(part).replaceAll('"', "'"),
  );
  return stateMachine.parse(JSON.parse(text.join(''))).States;
};

const policyDocument = z.object({
  Statement: z.array(
    z.object({
      Effect: z.string(),
      Action: z.union([z.string().transform((action) => [action]), z.array(z.string())]),
      Resource: z.unknown().transform((named) => (Array.isArray(named) ? named : [named])),
      Principal: z.unknown().optional(),
      Condition: z.unknown().optional(),
    }),
  ),
});

/** The statements of a policy, with actions and resources as lists. */
export const statements = (document: unknown) => policyDocument.parse(document).Statement;
