import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { parseJson } from '../../lambda/shared/parse-json.ts';
import { createHandlerServer, listen, type RunningServer, readBody, textOf } from '../server.ts';

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

/** A value of a field, or whether the field is there. One match of a list is enough. */
type Matcher = string | { readonly exists: boolean };

/**
 * The supported part of EventBridge's patterns: exact values and `exists`, for two fields of the envelope and for the
 * fields of the detail that hold text.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export interface EventPattern {
  readonly source?: readonly string[];
  readonly 'detail-type'?: readonly string[];
  readonly detail?: Readonly<Record<string, readonly Matcher[]>>;
}

export interface BusRule {
  readonly pattern: EventPattern;
  /** Receives each matching event. An error ends this process: in the emulator it is a defect. */
  readonly target: (event: BusEvent) => Promise<unknown>;
}

export interface EventBridgeOptions {
  /** Rules of the default bus. */
  readonly rules: readonly BusRule[];
}

const MAX_BODY = 2 * 1024 * 1024;

const MAX_ENTRIES = 10;

const putEvents = z.object({
  Entries: z.array(
    z.object({
      Source: z.string().optional(),
      DetailType: z.string().optional(),
      Detail: z.string().optional(),
      EventBusName: z.string().optional(),
    }),
  ),
});

type Entry = z.infer<typeof putEvents>['Entries'][number];
type EntryError = { readonly ErrorCode: string; readonly ErrorMessage: string };

const detail = z.record(z.string(), z.unknown());

/** AWS's error for an invalid entry. Other entries of the same call are accepted. */
const validate = (entry: Entry): EntryError | undefined => {
  for (const name of ['Source', 'DetailType', 'Detail'] as const) {
    if (!entry[name])
      return {
        ErrorCode: 'InvalidArgument',
        ErrorMessage: `Parameter ${name} is not valid. Reason: ${name} is a required argument.`,
      };
  }
  if (!parseJson(detail, entry.Detail ?? ''))
    return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  return undefined;
};

const createEvent = ({ Source = '', DetailType = '', Detail = '' }: Entry): BusEvent => ({
  version: '0',
  id: randomUUID(),
  'detail-type': DetailType,
  source: Source,
  account: '000000000000',
  time: `${new Date().toISOString().slice(0, 19)}Z`,
  region: 'us-east-1',
  resources: [],
  detail: JSON.parse(Detail),
});

const isLeaf = (value: unknown): boolean =>
  value !== undefined && (value === null || typeof value !== 'object' || Array.isArray(value));

const matchesOne = (value: unknown, matchers: readonly Matcher[]): boolean =>
  matchers.some((matcher) =>
    // As in AWS, only a leaf exists, and of an array each element counts.
    typeof matcher === 'string' ? [value].flat().includes(matcher) : matcher.exists === isLeaf(value),
  );

const matches = (pattern: EventPattern, event: BusEvent): boolean =>
  (['source', 'detail-type'] as const).every((field) => pattern[field]?.includes(event[field]) ?? true) &&
  Object.entries(pattern.detail ?? {}).every(([field, matchers]) =>
    matchesOne(Object(event.detail)[field], matchers),
  );

/**
 * Starts an EventBridge emulator: the operation PutEvents over AWS JSON 1.1, for the default bus with fixed rules.
 * As in AWS, events for an unknown bus are accepted and dropped. Signatures are not checked.
 */
export const startEventBridge = ({ rules }: EventBridgeOptions): Promise<RunningServer> => {
  const put = async (entry: Entry): Promise<EntryError | { readonly EventId: string }> => {
    const error = validate(entry);
    if (error) return error;
    const event = createEvent(entry);
    const isDefaultBus = (entry.EventBusName ?? 'default') === 'default';
    const matching = isDefaultBus ? rules.filter(({ pattern }) => matches(pattern, event)) : [];
    await Promise.all(matching.map(({ target }) => target(event)));
    return { EventId: event.id };
  };

  const execute = async (target: unknown, text: string): Promise<{ status: number; body: object }> => {
    const fail = (__type: string, message: string) => ({ status: 400, body: { __type, message } });
    if (target !== 'AWSEvents.PutEvents')
      return fail('UnknownOperationException', 'The emulator supports PutEvents only.');
    const input = parseJson(putEvents, text);
    if (!input) return fail('SerializationException', 'The body is not a valid PutEvents request.');
    if (input.Entries.length < 1 || input.Entries.length > MAX_ENTRIES)
      return fail('ValidationException', `Entries must have 1 to ${MAX_ENTRIES} members.`);
    const Entries = await Promise.all(input.Entries.map(put));
    return {
      status: 200,
      body: { FailedEntryCount: Entries.filter((entry) => 'ErrorCode' in entry).length, Entries },
    };
  };

  const server = createHandlerServer(async (request, response) => {
    const body = (await readBody(request, MAX_BODY)) ?? Buffer.alloc(0);
    // What is not UTF-8 is no JSON.
    const answer = await execute(request.headers['x-amz-target'], textOf(body) ?? '');
    response
      .writeHead(answer.status, {
        'content-type': 'application/x-amz-json-1.1',
        'x-amzn-requestid': randomUUID(),
      })
      .end(JSON.stringify(answer.body));
  });
  return listen(server);
};
