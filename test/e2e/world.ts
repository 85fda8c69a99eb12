import { setTimeout } from 'node:timers/promises';
import type { Narrator } from '../../local/demo/narrator.ts';
import type { Simulator } from '../../local/simulator/simulator.ts';
import type { Aws, AwsReply } from './aws.ts';
import type { Deployed, Settings } from './toolkit.ts';

/** Tells the story, and says plainly what could not be tried. */
export interface Teller extends Narrator {
  /** What was not seen, and why. Never counts as passed. */
  remark(text: string): void;
}

/** The deployed service, JoggAI's simulator behind it, and somebody who uses it. */
export interface World {
  readonly teller: Teller;
  /** The account's root user. */
  readonly aws: Aws;
  /** The same address, as another identity. */
  as(credentials?: Parameters<typeof import('./aws.ts').createAws>[1]): Aws;
  readonly simulator: Simulator;
  readonly deployed: Deployed;
  readonly settings: Settings;
}

export { AVATAR as REQUEST } from '../support/requests.ts';

/** @throws Error naming an output that the stack does not have */
export const outputOf = ({ deployed }: Pick<World, 'deployed'>, name: string): string => {
  const value = deployed.outputs[name];
  if (value === undefined) throw new Error(`The stack has no output ${name}.`);
  return value;
};

/** Calls the HTTP API at the address that the stack tells. */
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

/** Paid calls that JoggAI took. */
export const chargesOf = ({ simulator }: World): number => simulator.control.state().charges;

/** Only a hang takes so long, however busy the machine is. */
const HANG_MS = 5 * 60_000;

/** Looks again and again until there is something. @returns undefined after so long that it will never come */
export const until = async <Seen>(look: () => Promise<Seen | undefined>): Promise<Seen | undefined> => {
  const end = Date.now() + HANG_MS;
  for (;;) {
    const seen = await look();
    if (seen !== undefined || Date.now() > end) return seen;
    await setTimeout(300);
  }
};

/** Lambda's description of a function. */
export const functionOf = async ({ aws }: Pick<World, 'aws'>, name: string) =>
  (await aws.rest({ service: 'lambda', method: 'GET', path: `/2015-03-31/functions/${name}/configuration` }))
    .json;

/** Invokes a function and waits. */
export const invoke = (caller: Aws, functionName: string, payload: unknown): Promise<AwsReply> =>
  caller.rest({
    service: 'lambda',
    method: 'POST',
    path: `/2015-03-31/functions/${functionName}/invocations`,
    body: JSON.stringify(payload),
  });

/** What a function printed since a moment, line by line. */
export const linesOf = async (world: World, functionName: string, since: number): Promise<string[]> => {
  const { LoggingConfig } = await functionOf(world, functionName);
  const { events } = await world.aws.json('logs', 'FilterLogEvents', {
    logGroupName: LoggingConfig.LogGroup,
    startTime: since,
  });
  return events.map(({ message }: { message: string }) => message);
};
