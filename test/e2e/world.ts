import { setTimeout } from 'node:timers/promises';
import { createClient, type PhotoAvatarsClient } from '../../client/index.ts';
import type { Output } from '../../local/demo/output.ts';
import type { Simulator } from '../../local/simulator/simulator.ts';
import type { Aws, AwsAddress, AwsReply, Credentials } from './aws.ts';
import type { Deployed, Settings } from './toolkit.ts';

/** The output of the run. */
export interface Report extends Output {
  /** Reports what the run cannot verify, and why. Does not count as a passed check. */
  limitation(text: string): void;
}

/** The deployed service, the JoggAI simulator and the clients of both. */
export interface World {
  readonly report: Report;
  /** A client with the credentials of the root user. */
  readonly aws: Aws;
  /** A client with other credentials, or without any. */
  as(credentials?: Parameters<typeof import('./aws.ts').createAws>[1]): Aws;
  /** The client of the package, with the credentials of the root user. */
  client(): PhotoAvatarsClient;
  readonly simulator: Simulator;
  readonly deployed: Deployed;
  readonly settings: Settings;
}

export { AVATAR as REQUEST } from '../support/requests.ts';

/** @throws Error if the stack has no output of this name */
export const outputOf = ({ deployed }: Pick<World, 'deployed'>, name: string): string => {
  const value = deployed.outputs[name];
  if (value === undefined) throw new Error(`The stack has no output ${name}.`);
  return value;
};

/**
 * The client of the package for the URL in the stack's outputs.
 *
 * @param unsigned sends requests as they are, trusting the emulator's certificate
 */
export const clientOf = (
  world: Pick<World, 'deployed'>,
  unsigned: Aws,
  { region, credentials }: Pick<AwsAddress, 'region'> & { readonly credentials: Credentials },
): PhotoAvatarsClient =>
  createClient({
    url: outputOf(world, 'ApiUrl'),
    auth: { kind: 'iam', region, credentials },
    fetch: async (input, { method = 'GET', headers, body } = {}) => {
      const { origin, pathname, search } = new URL(String(input));
      const { status, text, ...reply } = await unsigned.send({
        service: 'execute-api',
        method,
        origin,
        path: `${pathname}${search}`,
        headers: Object.fromEntries(new Headers(headers)),
        ...(typeof body === 'string' && { body }),
      });
      const answered = Object.entries(reply.headers).map(
        ([name, value]) => [name, String(value)] as [string, string],
      );
      return new Response(text, { status, headers: answered });
    },
  });

/** Calls the HTTP API at the URL in the stack's outputs. */
export const callApi = (
  world: Pick<World, 'deployed'>,
  caller: Aws,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<AwsReply> =>
  caller.send({
    service: 'execute-api',
    method,
    origin: outputOf(world, 'ApiUrl'),
    path,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

export const recordOf = async (world: World, id: string) =>
  (await callApi(world, world.aws, 'GET', `/photo-avatars/${id}`)).json;

/** The newest records, newest first. */
export const recordsOf = async (world: World) =>
  (await callApi(world, world.aws, 'GET', '/photo-avatars?limit=100')).json.items;

/** Paid calls that JoggAI accepted. */
export const chargesOf = ({ simulator }: World): number => simulator.control.state().charges;

/** Exceeded only by a hang. */
const HANG_MS = 5 * 60_000;

/** Polls until there is a value. @returns undefined after `HANG_MS` */
export const waitFor = async <Value>(poll: () => Promise<Value | undefined>): Promise<Value | undefined> => {
  const end = Date.now() + HANG_MS;
  for (;;) {
    const value = await poll();
    if (value !== undefined || Date.now() > end) return value;
    await setTimeout(300);
  }
};

/** The configuration of a function in Lambda. */
export const functionOf = async ({ aws }: Pick<World, 'aws'>, name: string) =>
  (await aws.rest({ service: 'lambda', method: 'GET', path: `/2015-03-31/functions/${name}/configuration` }))
    .json;

/** Invokes a function synchronously. */
export const invoke = (caller: Aws, functionName: string, payload: unknown): Promise<AwsReply> =>
  caller.rest({
    service: 'lambda',
    method: 'POST',
    path: `/2015-03-31/functions/${functionName}/invocations`,
    body: JSON.stringify(payload),
  });

/** The log lines of a function since a time. */
export const linesOf = async (world: World, functionName: string, since: number): Promise<string[]> => {
  const { LoggingConfig } = await functionOf(world, functionName);
  const { events } = await world.aws.json('logs', 'FilterLogEvents', {
    logGroupName: LoggingConfig.LogGroup,
    startTime: since,
  });
  return events.map(({ message }: { message: string }) => message);
};
