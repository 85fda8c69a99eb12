import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { createHandlerServer, listen, type RunningServer, readBody } from '../server.ts';

export interface SecretsManagerOptions {
  /** Secrets by name. Undefined makes a secret without a value, as a fresh deployment does. */
  readonly secrets: Readonly<Record<string, string | undefined>>;
  /** @default any free port */
  readonly port?: number;
}

export interface SecretsManager extends RunningServer {
  /** @throws Error when there is no secret of that name. */
  arnOf(name: string): string;
  /** How often each operation was called, refused calls included. */
  readonly calls: Readonly<Record<Operation, number>>;
}

type Operation = 'GetSecretValue' | 'PutSecretValue' | 'DescribeSecret';

interface Version {
  readonly id: string;
  readonly createdAt: number;
  readonly value: { readonly SecretString: string } | { readonly SecretBinary: string };
}

interface Secret {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  /** The one labelled AWSCURRENT. Older versions are not kept. */
  current: Version | undefined;
}

/** An error as the service's API names it. */
class ServiceError extends Error {
  override readonly name: string;

  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

const LONGEST_BODY = 128 * 1024; // a secret may have 64 KiB, and is longer when JSON escapes it

const secretId = z.object({ SecretId: z.string().min(1) });
const getInput = secretId.extend({ VersionId: z.string().optional(), VersionStage: z.string().optional() });
const putInput = secretId.extend({
  ClientRequestToken: z.string().optional(),
  SecretString: z.string().optional(),
  SecretBinary: z.base64().optional(),
});

const epochSeconds = (milliseconds: number) => milliseconds / 1000;

const getSecretValue = ({ name, arn, current }: Secret, body: unknown) => {
  const { VersionId, VersionStage } = getInput.parse(body);
  if (current === undefined || (VersionStage ?? 'AWSCURRENT') !== 'AWSCURRENT')
    throw notFound(`secret value for staging label: ${VersionStage ?? 'AWSCURRENT'}`);
  if (VersionId !== undefined && VersionId !== current.id)
    throw notFound(`secret value for VersionId: ${VersionId}`);
  return {
    ARN: arn,
    Name: name,
    VersionId: current.id,
    ...current.value,
    VersionStages: ['AWSCURRENT'],
    CreatedDate: epochSeconds(current.createdAt),
  };
};

const putSecretValue = (secret: Secret, body: unknown) => {
  const { ClientRequestToken, SecretString, SecretBinary } = putInput.parse(body);
  const id = ClientRequestToken ?? randomUUID();
  if (SecretString !== undefined) secret.current = { id, createdAt: Date.now(), value: { SecretString } };
  else if (SecretBinary !== undefined)
    secret.current = { id, createdAt: Date.now(), value: { SecretBinary } };
  else
    throw new ServiceError(
      'InvalidRequestException',
      'You must provide either SecretString or SecretBinary.',
    );
  return { ARN: secret.arn, Name: secret.name, VersionId: id, VersionStages: ['AWSCURRENT'] };
};

const describeSecret = ({ name, arn, createdAt, current }: Secret) => ({
  ARN: arn,
  Name: name,
  CreatedDate: epochSeconds(createdAt),
  ...(current && {
    LastChangedDate: epochSeconds(current.createdAt),
    VersionIdsToStages: { [current.id]: ['AWSCURRENT'] },
  }),
});

const OPERATIONS: Record<Operation, (secret: Secret, body: unknown) => object> = {
  GetSecretValue: getSecretValue,
  PutSecretValue: putSecretValue,
  DescribeSecret: describeSecret,
};

/** AWS's wording, as clients see it. */
const notFound = (what: string) =>
  new ServiceError('ResourceNotFoundException', `Secrets Manager can't find the specified ${what}`);

const isOperation = (name: string): name is Operation => Object.hasOwn(OPERATIONS, name);

/**
 * Starts Secrets Manager on this machine: the operations GetSecretValue, PutSecretValue and DescribeSecret
 * over AWS JSON 1.1, for secrets that exist from the start. Signatures are not checked, so any credentials
 * do; only the current version of a value is kept.
 */
export const startSecretsManager = async (options: SecretsManagerOptions): Promise<SecretsManager> => {
  const secrets = Object.entries(options.secrets).map(([name, value]) => createSecret(name, value));
  const calls = { GetSecretValue: 0, PutSecretValue: 0, DescribeSecret: 0 };

  const execute = (target: string, text: string): object => {
    const operation = target.replace(/^secretsmanager\./, '');
    if (!isOperation(operation)) throw new ServiceError('UnknownOperationException', '');
    calls[operation] += 1;
    const body = parseBody(text);
    const { SecretId } = secretId.parse(body);
    const secret = secrets.find(({ name, arn }) => name === SecretId || arn === SecretId);
    if (secret === undefined) throw notFound('secret.');
    return OPERATIONS[operation](secret, body);
  };

  const server = createHandlerServer(async (request, response) => {
    const text = (await readBody(request, LONGEST_BODY))?.toString() ?? '';
    try {
      send(response, 200, execute(targetOf(request), text));
    } catch (error) {
      const refusal = error instanceof z.ZodError ? invalidParameter(error) : error;
      if (!(refusal instanceof ServiceError)) throw error;
      send(response, 400, { __type: refusal.name, Message: refusal.message });
    }
  });

  return {
    ...(await listen(server, options.port)),
    calls,
    arnOf: (name) => {
      const secret = secrets.find((candidate) => candidate.name === name);
      if (secret === undefined) throw new Error(`There is no secret called ${name} here.`);
      return secret.arn;
    },
  };
};

const createSecret = (name: string, value: string | undefined): Secret => {
  const createdAt = Date.now();
  return {
    name,
    arn: `arn:aws:secretsmanager:local:000000000000:secret:${name}-local0`,
    createdAt,
    current:
      value === undefined ? undefined : { id: randomUUID(), createdAt, value: { SecretString: value } },
  };
};

const targetOf = (request: IncomingMessage): string => {
  const target = request.headers['x-amz-target'];
  return typeof target === 'string' ? target : '';
};

const parseBody = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new ServiceError('SerializationException', 'The request body is not JSON.');
  }
};

/** Names the fields only: their values are secrets. */
const invalidParameter = (error: z.ZodError) =>
  new ServiceError(
    'ValidationException',
    error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
  );

const send = (response: ServerResponse, status: number, body: object) => {
  response
    .writeHead(status, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID() })
    .end(JSON.stringify(body));
};
