import {
  type AccountBody,
  createClient,
  type DryRun,
  type PhotoAvatarRequest,
  type PhotoAvatarsClient,
} from '../client/index.ts';
import { isSimulated } from '../lambda/shared/is-simulated.ts';
import type { Interruption } from './interruption.ts';
import type { Output } from './output.ts';
import { findTarget, type TargetOptions } from './target.ts';

/** The service that a command works with. */
export interface Service {
  readonly client: PhotoAvatarsClient;
  readonly url: string;
  /** For people: the stack with its account and region, or the URL. */
  readonly label: string;
  /** Validates a request at the service, free of charge, and prints the first line: which service, and whether it pays. */
  dryRun(request: PhotoAvatarRequest): Promise<DryRun>;
  /** Prints the same line for a command that changes something, before it does. */
  announce(): Promise<void>;
}

/** One run of the command line. */
export interface Session {
  readonly out: Output;
  readonly interruption: Interruption;
  /** The options that name the service, to repeat them in a command for people. */
  readonly targetOptions: TargetOptions;
  connect(settings?: ConnectSettings): Promise<Service>;
}

export interface ConnectSettings {
  /** Repetitions of a call that was not answered or was throttled. */
  readonly maxRetries?: number;
}

const JOGGAI = /(^|\.)jogg\.ai$/;

/** Whether paid calls cost money: the service's own statement. */
const upstreamText = (account: Pick<AccountBody, 'joggai_url'>): string => {
  const { joggai_url: url } = account;
  if (!url) return 'JoggAI: not known';
  if (isSimulated(account)) return `JoggAI: simulator at ${url}, nothing is charged`;
  return JOGGAI.test(new URL(url).hostname)
    ? 'JoggAI: real, paid calls cost credits'
    : `JoggAI: ${url}, paid calls may cost credits`;
};

/** The first line of a command: which service, and whether it pays. @param account unless the caller may not read it */
export const serviceLine = (label: string, account: Pick<AccountBody, 'joggai_url'> | undefined): string =>
  `${label} · ${account ? upstreamText(account) : 'JoggAI: not known, this caller may not read the account'}`;

export const connectTo = async (
  options: TargetOptions,
  out: Output,
  { stop }: Interruption,
  settings: ConnectSettings = {},
): Promise<Service> => {
  const { url, auth, label } = await findTarget(options);
  const client = createClient({ url, ...(auth && { auth }), ...settings });
  const firstLine = (account?: Pick<AccountBody, 'joggai_url'>): void =>
    out.note(serviceLine(label, account));
  return {
    client,
    url,
    label,
    async dryRun(request) {
      const answer = await client.dryRun(request, { signal: stop });
      firstLine(answer.account);
      return answer;
    },
    async announce() {
      // Only an operator or a reader may read the account. The command itself reports what it may not do.
      firstLine(await client.account({ signal: stop }).catch(() => undefined));
    },
  };
};

const quoted = (value: string): string =>
  /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;

/** A command for people to run next, with the options that name the same service. */
export const commandLine = (options: TargetOptions, ...args: readonly string[]): string => {
  const named: (readonly [string, string | undefined])[] = [
    ['--stack', options.stack],
    ['--url', options.url],
    ['--region', options.region],
    ['--profile', options.profile],
    ['--token-file', options.tokenFile],
  ];
  const target = named.flatMap(([flag, value]) => (value === undefined ? [] : [flag, value]));
  return ['photo-avatars', ...args, ...target, ...(options.local ? ['--local'] : [])].map(quoted).join(' ');
};
