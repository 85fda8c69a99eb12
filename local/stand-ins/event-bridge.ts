import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { valueIn } from '../../lambda/json-text.ts';
import { createHandlerServer, listen, type RunningServer, readBody } from '../server.ts';
import { type EventPattern, matches } from './event-pattern.ts';

/** Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html */
export interface BusEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

export interface BusRule {
  readonly pattern: EventPattern;
  /** Gets each event that matches. What it throws ends this process: a local target does not fail by itself. */
  readonly target: (event: BusEvent) => Promise<unknown>;
}

export interface EventBridgeOptions {
  /** Rules of the default bus. */
  readonly rules: readonly BusRule[];
  /** @default any free port */
  readonly port?: number;
}

const LONGEST_BODY = 2 * 1024 * 1024;

const MOST_ENTRIES = 10;

const putEvents = z.object({
  Entries: z.array(
    z.object({
      Source: z.string().optional(),
      DetailType: z.string().optional(),
      Detail: z.string().optional(),
      Time: z.number().optional(),
      Resources: z.array(z.string()).optional(),
      EventBusName: z.string().optional(),
    }),
  ),
});

type Entry = z.infer<typeof putEvents>['Entries'][number];
type Refusal = { readonly ErrorCode: string; readonly ErrorMessage: string };

const detail = z.record(z.string(), z.unknown());

/** What is wrong with an entry, in the words of AWS: the others are taken all the same. */
const refusalOf = (entry: Entry): Refusal | undefined => {
  for (const name of ['Source', 'DetailType', 'Detail'] as const) {
    if (!entry[name])
      return {
        ErrorCode: 'InvalidArgument',
        ErrorMessage: `Parameter ${name} is not valid. Reason: ${name} is a required argument.`,
      };
  }
  if (entry.Source?.startsWith('aws.'))
    return {
      ErrorCode: 'NotAuthorizedForSourceException',
      ErrorMessage: 'Not authorized for the source.',
    };
  if (!valueIn(detail, entry.Detail ?? ''))
    return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  return undefined;
};

const eventOf = ({ Source = '', DetailType = '', Detail = '', Time, Resources = [] }: Entry): BusEvent => ({
  version: '0',
  id: randomUUID(),
  'detail-type': DetailType,
  source: Source,
  account: '000000000000',
  time: `${new Date(Time === undefined ? Date.now() : Time * 1_000).toISOString().slice(0, 19)}Z`,
  region: 'us-east-1',
  resources: Resources,
  detail: JSON.parse(Detail),
});

const isDefaultBus = (name: string | undefined): boolean =>
  /^(.*:event-bus\/)?default$/.test(name ?? 'default');

/**
 * Starts EventBridge on this machine: the operation PutEvents over AWS JSON 1.1, for a default bus whose rules exist
 * from the start. As in AWS, events on another bus are taken, and nobody hears of them. Signatures are not checked.
 */
export const startEventBridge = ({ rules, port }: EventBridgeOptions): Promise<RunningServer> => {
  const put = async (entry: Entry): Promise<Refusal | { readonly EventId: string }> => {
    const refusal = refusalOf(entry);
    if (refusal) return refusal;
    const event = eventOf(entry);
    const heard = isDefaultBus(entry.EventBusName)
      ? rules.filter(({ pattern }) => matches(pattern, event))
      : [];
    await Promise.all(heard.map(({ target }) => target(event)));
    return { EventId: event.id };
  };

  const execute = async (target: unknown, text: string): Promise<{ status: number; body: object }> => {
    const refused = (__type: string, message: string) => ({ status: 400, body: { __type, message } });
    if (target !== 'AWSEvents.PutEvents')
      return refused('UnknownOperationException', 'Only PutEvents is known here.');
    const input = valueIn(putEvents, text);
    if (!input) return refused('SerializationException', 'The body is not what PutEvents takes.');
    if (input.Entries.length < 1 || input.Entries.length > MOST_ENTRIES)
      return refused('ValidationException', `Entries must have 1 to ${MOST_ENTRIES} members.`);
    const Entries = await Promise.all(input.Entries.map(put));
    return {
      status: 200,
      body: { FailedEntryCount: Entries.filter((entry) => 'ErrorCode' in entry).length, Entries },
    };
  };

  const server = createHandlerServer(async (request, response) => {
    const text = (await readBody(request, LONGEST_BODY))?.toString() ?? '';
    const { status, body } = await execute(request.headers['x-amz-target'], text);
    response
      .writeHead(status, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID() })
      .end(JSON.stringify(body));
  });
  return listen(server, port);
};
