import { readFile } from 'node:fs/promises';
import type { ClientOptions } from '../client/index.ts';
import { CommandError, EXIT, usageError } from './exit-codes.ts';
import { awsError, type FoundStack, findStack, regionOf, type StackOptions } from './stacks.ts';

/** The options of every command that say which service is meant, and who calls. */
export interface TargetOptions extends StackOptions {
  readonly stack?: string | undefined;
  readonly url?: string | undefined;
  readonly local?: boolean | undefined;
  readonly tokenFile?: string | undefined;
}

export interface Target {
  readonly url: string;
  readonly auth?: ClientOptions['auth'];
  /** For people: the stack with its account and region, or the URL. */
  readonly label: string;
  /** Unless the options name a URL. */
  readonly stack?: FoundStack | undefined;
}

const DEFAULT_PORT = 3_000;

const isLoopback = ({ hostname }: URL): boolean => ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);

/** @throws CommandError if it is not the URL of an API, or would send credentials without encryption */
const readUrl = (text: string): URL => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw usageError(`--url is "${text}": it must be the stack's output ApiUrl. Nothing was sent.`);
  }
  if (url.protocol === 'http:' && !isLoopback(url)) {
    throw usageError(
      `--url is "${text}": it must begin with https://, except on this machine. Nothing was sent.`,
    );
  }
  return url;
};

const localUrl = (): string => {
  const { PORT = '' } = process.env;
  const port = PORT === '' ? DEFAULT_PORT : Number(PORT);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw usageError(`PORT is "${PORT}": it must be a port number. Nothing was sent.`);
  }
  return `http://127.0.0.1:${port}`;
};

/** Reads the file for every request, because the tool that refreshes a token replaces it. */
const tokenIn = (file: string) => async (): Promise<string> => {
  const token = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw usageError(`The token file "${file}" cannot be read (${error.code}). Nothing was sent.`);
  });
  if (token.trim() === '') throw usageError(`The token file "${file}" is empty. Nothing was sent.`);
  return token.trim();
};

const tokenAuth = async (file: string | undefined): Promise<ClientOptions['auth']> => {
  const { PHOTO_AVATARS_TOKEN: token } = process.env;
  if (file === undefined) return token ? { kind: 'token', token } : undefined;
  const read = tokenIn(file);
  await read();
  return { kind: 'token', token: read };
};

/** The SDK's own chain: environment, profiles, SSO, and the roles of AWS services. */
const iamAuth = async (region: string | undefined, options: StackOptions): Promise<ClientOptions['auth']> => {
  const { defaultProvider } = await import('@aws-sdk/credential-provider-node');
  const credentials = defaultProvider(options.profile ? { profile: options.profile } : {});
  // Before the first request, so that missing credentials are an error of their own.
  await credentials().catch((error: unknown) => {
    throw awsError(error, options);
  });
  return { kind: 'iam', credentials, ...(region && { region }) };
};

const AWS_HOST = /\.execute-api\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$/;

const ofUrl = async (text: string, options: TargetOptions): Promise<Target> => {
  const url = readUrl(text);
  const token = await tokenAuth(options.tokenFile);
  const target = { url: url.href.replace(/\/$/, ''), label: url.href.replace(/\/$/, '') };
  if (token) return { ...target, auth: token };
  // `npm start` takes requests without a signature.
  if (isLoopback(url)) return target;
  const region = options.region ?? (AWS_HOST.test(url.hostname) ? undefined : await regionOf(options));
  return { ...target, auth: await iamAuth(region, options) };
};

const ofStack = async (name: string, options: TargetOptions): Promise<Target> => {
  const stack = await findStack(name, options);
  const { account, region, outputs } = stack;
  const url = outputs.get('ApiUrl');
  if (url === undefined) {
    throw usageError(
      `The stack "${name}" has no output ApiUrl. If the service is part of another stack, pass its --url. Nothing was sent.`,
    );
  }
  const auth = (await tokenAuth(options.tokenFile)) ?? (await iamAuth(region, options));
  return { url, auth, label: `${name} · account ${account} · ${region}`, stack };
};

/**
 * Finds the service that the options name.
 *
 * @throws CommandError if they name none or more than one, if it cannot be found, or if there are no credentials
 */
export const findTarget = async (options: TargetOptions): Promise<Target> => {
  const { stack, url, local } = options;
  if ([stack, url, local].filter(Boolean).length !== 1) {
    throw usageError(
      'Say which service is meant: one of --stack NAME, --url URL, or --local for "npm start" on this machine. Nothing was sent.',
    );
  }
  if (stack) return ofStack(stack, options);
  return ofUrl(url ?? localUrl(), options);
};

/** What a caller without a permission is told, because API Gateway only says "Forbidden". */
export const notAllowed = (label: string): CommandError =>
  new CommandError(
    EXIT.notAllowed,
    'not-allowed',
    `${label} refused this caller. Nothing was charged. Check the identity (aws sts get-caller-identity) and its role: ` +
      'submitter, reader or operator. A stack with jwtIssuer takes a token instead: --token-file or PHOTO_AVATARS_TOKEN.',
  );
