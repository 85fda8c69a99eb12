import { type App, Stack, Stage } from 'aws-cdk-lib';
import { EventBus, type IEventBus } from 'aws-cdk-lib/aws-events';
import { describe, expect, it } from 'vitest';
import { readConfiguration } from '../../lib/config.ts';
import { PhotoAvatars, type PhotoAvatarsProps } from '../../lib/photo-avatars.ts';
import { PhotoAvatarsStack } from '../../lib/photo-avatars-stack.ts';
import { anApp, deployed, deployedContext, embedded, requestRuleOf } from './synthesize.ts';

const serviceIn = (template: ReturnType<typeof deployed>['template']) =>
  Object(requestRuleOf(template).Properties.EventPattern).detail.service;

const UNADDRESSED = { exists: false };

describe('the event rule', () => {
  it.each([
    ['the default stage', {}, true],
    ['another stage', { stage: 'dev' }, false],
    ['another stage with an event bus of its own', { stage: 'dev', eventBusName: 'dev' }, true],
    ['another stage that names the default bus', { stage: 'dev', eventBusName: 'default' }, false],
    ['another stage with event sources of its own', { stage: 'dev', eventSources: 'dev.shop' }, true],
  ])('of %s takes events that name it, and events that name none: %s', (_, settings, takes) => {
    const { stack, template } = deployed(settings);
    const { serviceName } = stack.photoAvatars;
    expect(serviceIn(template)).toEqual([serviceName, ...(takes ? [UNADDRESSED] : [])]);
    template.hasOutput('ServiceName', { Value: serviceName });
  });

  const busOf = (stack: Stack): IEventBus => EventBus.fromEventBusName(stack, 'Bus', 'orders');
  it.each<[string, (stack: Stack) => PhotoAvatarsProps, boolean]>([
    ['by default only events that name it', () => ({}), false],
    ['all, with an own bus', (stack) => ({ eventBus: busOf(stack) }), true],
    ['all, with own sources', () => ({ eventSources: ['my.shop'] }), true],
    ['all, if told to', () => ({ takesUnaddressedEvents: true }), true],
    [
      'only those that name it, if told to, also on an own bus',
      (stack) => ({ eventBus: busOf(stack), takesUnaddressedEvents: false }),
      false,
    ],
  ])('of the construct takes %s', (_, propsIn, takes) => {
    const { stack } = embedded();
    const { photoAvatars, template } = embedded(propsIn(stack));
    expect(serviceIn(template())).toEqual([photoAvatars.serviceName, ...(takes ? [UNADDRESSED] : [])]);
  });

  it('matches by the name that published events carry', () => {
    const { photoAvatars, template } = embedded();
    template().hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { POWERTOOLS_SERVICE_NAME: photoAvatars.serviceName } },
    });
  });
});

const BERLIN = { env: { account: '111122223333', region: 'eu-central-1' } };
const DUBLIN = { env: { account: '111122223333', region: 'eu-west-1' } };
const OTHER_ACCOUNT = { env: { account: '444455556666', region: 'eu-central-1' } };
const ALL = { takesUnaddressedEvents: true };

type Taker = (app: App) => void;

/** A stack with the construct. The bus is made in the stack. */
const taker =
  (id: string, props: PhotoAvatarsProps, { env = {}, busName = '' } = {}): Taker =>
  (app) => {
    const stack = new Stack(app, id, { env });
    const eventBus = busName ? EventBus.fromEventBusName(stack, 'Bus', busName) : undefined;
    new PhotoAvatars(stack, 'Avatars', { ...props, eventBus });
  };

const stageIn = (app: App, stage: string): void => {
  const configuration = readConfiguration({ ...deployedContext, stage });
  new PhotoAvatarsStack(app, `PhotoAvatars-${stage}`, { configuration });
};

const synthesize = (...takers: Taker[]) => {
  const app = anApp();
  for (const add of takers) add(app);
  return () => app.synth();
};

describe('two services in one app that take the same events that name no service', () => {
  it.each<[string, Taker, Taker]>([
    ['on the default bus', taker('A', ALL), taker('B', ALL)],
    ['on the default bus, by its name', taker('A', ALL), taker('B', ALL, { busName: 'default' })],
    ['on a bus of one name', taker('A', {}, { busName: 'orders' }), taker('B', {}, { busName: 'orders' })],
    ['of a source', taker('A', { eventSources: ['x', 'y'] }), taker('B', { eventSources: ['y', 'z'] })],
    ['one of all sources', taker('A', ALL), taker('B', { eventSources: ['y'] })],
    ['in one account and region', taker('A', ALL, BERLIN), taker('B', ALL, BERLIN)],
    ['perhaps in one account and region', taker('A', ALL, BERLIN), taker('B', ALL)],
  ])('stop the synthesis with a sentence that says what to do: %s', (_, one, other) => {
    expect(synthesize(one, other)).toThrow(
      /A\/Avatars and B\/Avatars would both take, and pay for, .* name no service\. .*takesUnaddressedEvents.*eventSources/,
    );
  });

  it('are found in one stack, in stages of the CDK, and beside the stack of the default stage', () => {
    const inOneStack = anApp();
    const stack = new Stack(inOneStack, 'Stack');
    for (const id of ['One', 'Other']) new PhotoAvatars(stack, id, ALL);
    expect(() => inOneStack.synth()).toThrow('Stack/One and Stack/Other would both take');

    const inStages = anApp();
    for (const id of ['Test', 'Prod']) {
      new PhotoAvatars(new Stack(new Stage(inStages, id), 'Shop'), 'Avatars', ALL);
    }
    expect(() => inStages.synth()).toThrow('Test/Shop/Avatars and Prod/Shop/Avatars would both take');

    const besideTheStack = anApp();
    stageIn(besideTheStack, 'prod');
    taker('Shop', ALL)(besideTheStack);
    expect(() => besideTheStack.synth()).toThrow(
      'PhotoAvatars-prod/PhotoAvatars and Shop/Avatars would both',
    );
  });

  it('are found on a bus that the app creates', () => {
    const app = anApp();
    const stack = new Stack(app, 'Stack');
    const bus = new EventBus(stack, 'Bus');
    for (const id of ['One', 'Other']) new PhotoAvatars(stack, id, { eventBus: bus });
    expect(() => app.synth()).toThrow('Stack/One and Stack/Other would both take');
  });

  it.each<[string, Taker, Taker]>([
    ['only one takes them', taker('A', ALL), taker('B', {})],
    ['their sources are disjoint', taker('A', { eventSources: ['x'] }), taker('B', { eventSources: ['y'] })],
    ['their buses differ', taker('A', ALL), taker('B', ALL, { busName: 'orders' })],
    ['their regions differ', taker('A', ALL, BERLIN), taker('B', ALL, DUBLIN)],
    ['their accounts differ', taker('A', ALL, BERLIN), taker('B', ALL, OTHER_ACCOUNT)],
  ])('do not if %s', (_, one, other) => {
    expect(synthesize(one, other)).not.toThrow();
  });

  it('do not as two stages, as `bin/` creates them', () => {
    const app = anApp();
    for (const stage of ['prod', 'dev']) stageIn(app, stage);
    expect(() => app.synth()).not.toThrow();
  });
});
