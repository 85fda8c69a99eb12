import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { parseJson } from '../../lambda/shared/parse-json.ts';
import { createHandlerServer, listen, type RunningServer, readBody } from '../server.ts';

export interface SecretsManagerOptions {
  /** Values by secret name. `undefined` is a secret without a value, as after the first deployment. */
  readonly secrets: Readonly<Record<string, string | undefined>>;
}

export interface SecretsManager extends RunningServer {
  /** @throws Error if no secret has that name */
  arnOf(name: string): string;
  /** Number of calls of each operation, including failed ones. */
  readonly calls: Readonly<Record<Operation, number>>;
}

type Operation = 'GetSecretValue' | 'PutSecretValue';

interface Version {
  readonly id: string;
  readonly createdAt: number;
  readonly value: { readonly SecretString: string } | { readonly SecretBinary: string };
}

interface Secret {
  readonly name: string;
  readonly arn: string;
  /** The version with the label AWSCURRENT. Older versions are not kept. */
  current: Version | undefined;
}

/** An error with the name that the AWS API gives it. */
class ServiceError extends Error {
  override readonly name: string;

  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

const MAX_BODY = 128 * 1024; // a secret has at most 64 KiB, and JSON escapes make it longer

const secretId = z.object({ SecretId: z.string().min(1) });
const putInput = secretId.and(
  z.union([z.object({ SecretString: z.string() }), z.object({ SecretBinary: z.base64() })]),
);

const getSecretValue = ({ name, arn, current }: Secret) => {
  if (current === undefined) throw notFound('secret value for staging label: AWSCURRENT');
  return {
    ARN: arn,
    Name: name,
    VersionId: current.id,
    ...current.value,
    VersionStages: ['AWSCURRENT'],
    CreatedDate: current.createdAt / 1_000,
  };
};

const putSecretValue = (secret: Secret, body: unknown) => {
  const { SecretId: _, ...value } = putInput.parse(body);
  const id = randomUUID();
  secret.current = { id, createdAt: Date.now(), value };
  return { ARN: secret.arn, Name: secret.name, VersionId: id, VersionStages: ['AWSCURRENT'] };
};

const OPERATIONS: Record<Operation, (secret: Secret, body: unknown) => object> = {
  GetSecretValue: getSecretValue,
  PutSecretValue: putSecretValue,
};

/** AWS's message: clients show it. */
const notFound = (what: string) =>
  new ServiceError('ResourceNotFoundException', `Secrets Manager can't find the specified ${what}`);

const isOperation = (name: string): name is Operation => Object.hasOwn(OPERATIONS, name);

/**
 * Starts a Secrets Manager emulator: GetSecretValue and PutSecretValue over AWS JSON 1.1, for a fixed set of secrets
 * with one version each. Signatures are not checked.
 */
export const startSecretsManager = async (options: SecretsManagerOptions): Promise<SecretsManager> => {
  const secrets = Object.entries(options.secrets).map(([name, value]) => createSecret(name, value));
  const calls = { GetSecretValue: 0, PutSecretValue: 0 };

  const execute = (target: string, text: string): object => {
    const operation = target.replace(/^secretsmanager\./, '');
    if (!isOperation(operation)) throw new ServiceError('UnknownOperationException', '');
    calls[operation] += 1;
    const body = parseJson(z.unknown(), text);
    if (body === undefined) throw new ServiceError('SerializationException', 'The request body is not JSON.');
    const { SecretId } = secretId.parse(body);
    const secret = secrets.find(({ name, arn }) => name === SecretId || arn === SecretId);
    if (secret === undefined) throw notFound('secret.');
    return OPERATIONS[operation](secret, body);
  };

  const server = createHandlerServer(async (request, response) => {
    const text = (await readBody(request, MAX_BODY))?.toString() ?? '';
    try {
      send(response, 200, execute(targetOf(request), text));
    } catch (error) {
      const serviceError = error instanceof z.ZodError ? invalidParameter(error) : error;
      if (!(serviceError instanceof ServiceError)) throw error;
      send(response, 400, { __type: serviceError.name, Message: serviceError.message });
    }
  });

  return {
    ...(await listen(server)),
    calls,
    arnOf: (name) => {
      const secret = secrets.find((candidate) => candidate.name === name);
      if (secret === undefined) throw new Error(`There is no secret called ${name}.`);
      return secret.arn;
    },
  };
};

const createSecret = (name: string, value: string | undefined): Secret => ({
  name,
  arn: `arn:aws:secretsmanager:local:000000000000:secret:${name}-local0`,
  current:
    value === undefined
      ? undefined
      : { id: randomUUID(), createdAt: Date.now(), value: { SecretString: value } },
});

const targetOf = (request: IncomingMessage): string => {
  const target = request.headers['x-amz-target'];
  return typeof target === 'string' ? target : '';
};

/** Names only the fields: their values are secrets. */
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
