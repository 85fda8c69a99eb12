import { type ResourceEnvironment, Stack, Token } from 'aws-cdk-lib';
import { type IEventBus, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { addresseePattern, REQUEST_DETAIL_TYPE } from '../lambda/shared/event-names.ts';
import type { RequestQueue } from './request-queue.ts';

export interface RequestRuleProps {
  readonly serviceName: string;
  readonly events: RequestQueue;
  /** @default - the default bus of the account */
  readonly eventBus?: IEventBus | undefined;
  /** @default - every source on the bus */
  readonly sources?: readonly string[] | undefined;
  /** Whether it takes events that name no service. @default - true on an own bus or with own sources, else false */
  readonly takesUnaddressedEvents?: boolean | undefined;
}

const DEFAULT_BUS = 'default';

/**
 * Sends events that request a photo avatar from this service to its event queue. Synthesis fails if two rules of the app
 * take the same events that name no service.
 */
export class RequestRule extends Construct {
  readonly rule: Rule;
  readonly #sources: readonly string[] | undefined;
  readonly #bus: { readonly name: string; readonly env: ResourceEnvironment };
  readonly #takesUnaddressedEvents: boolean;

  constructor(scope: Construct, id: string, props: RequestRuleProps) {
    super(scope, id);
    const { serviceName, events, eventBus, sources } = props;
    const busName = eventBus?.eventBusName ?? DEFAULT_BUS;
    this.#sources = sources;
    // A bus that the app creates has a token as its name: the same one wherever it is used.
    this.#bus = { name: busName, env: eventBus?.env ?? Stack.of(this) };
    this.#takesUnaddressedEvents =
      props.takesUnaddressedEvents ?? (busName !== DEFAULT_BUS || sources !== undefined);
    this.rule = new Rule(this, 'Rule', {
      description: 'Sends photo avatar requests to the event queue.',
      ...(eventBus && { eventBus }),
      eventPattern: {
        detailType: [REQUEST_DETAIL_TYPE],
        ...(sources && { source: [...sources] }),
        detail: { service: addresseePattern(serviceName, this.#takesUnaddressedEvents) },
      },
      targets: [new SqsQueue(events.queue, { deadLetterQueue: events.deadLetterQueue })],
    });
    this.node.addValidation({ validate: () => this.#conflicts() });
  }

  /** A sentence for each rule of the app before this one that takes the same events that name no service. */
  #conflicts(): string[] {
    const rules = this.node.root.node.findAll().filter((construct) => construct instanceof RequestRule);
    return rules
      .slice(0, rules.indexOf(this))
      .filter((other) => this.#sharesUnaddressedEvents(other))
      .map(
        (other) =>
          `${serviceOf(other)} and ${serviceOf(this)} would both take, and pay for, the same events that name no service. ` +
          'Set takesUnaddressedEvents to false for one of them, or give them different event buses or eventSources.',
      );
  }

  #sharesUnaddressedEvents(other: RequestRule): boolean {
    return (
      this.#takesUnaddressedEvents &&
      other.#takesUnaddressedEvents &&
      this.#bus.name === other.#bus.name &&
      mayBeEqual(this.#bus.env.account, other.#bus.env.account) &&
      mayBeEqual(this.#bus.env.region, other.#bus.env.region) &&
      (!this.#sources || !other.#sources || this.#sources.some((source) => other.#sources?.includes(source)))
    );
  }
}

const serviceOf = ({ node }: RequestRule): string => node.scope?.node.path ?? node.path;

/** An account or region that is unknown at synthesis may be any. */
const mayBeEqual = (one: string, other: string): boolean =>
  Token.isUnresolved(one) || Token.isUnresolved(other) || one === other;
