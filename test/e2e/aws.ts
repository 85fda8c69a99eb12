import { request as httpsRequest } from 'node:https';
import { Sha256Node } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** The endpoint of the emulated AWS and its connection settings. */
export interface AwsAddress {
  /** Local origin, with a port. */
  readonly url: string;
  readonly region: string;
  /** The trusted TLS certificate, in PEM. */
  readonly certificate: string;
}

export interface AwsRequest {
  /** The service name in the signature. */
  readonly service: string;
  readonly method: string;
  /** Includes the query string. */
  readonly path: string;
  /** The origin to call. @default the endpoint of AWS */
  readonly origin?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface AwsReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The body as JSON; `undefined` if it is empty or not JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: JSON without a schema
  readonly json: any;
}

/** Calls AWS by the wire protocols of its services, as one identity. Does not retry. */
export interface Aws {
  /** Returns every response, errors included. */
  send(request: AwsRequest): Promise<AwsReply>;
  /** An operation of a JSON protocol. @throws Error with the AWS error response */
  // biome-ignore lint/suspicious/noExplicitAny: JSON without a schema
  json(service: keyof typeof TARGETS, operation: string, input: object): Promise<any>;
  /** An operation of a REST protocol. @throws Error with the AWS error response */
  rest(request: Omit<AwsRequest, 'origin'>): Promise<AwsReply>;
  /** An operation of the query protocol. @returns its XML @throws Error with the AWS error response */
  query(service: keyof typeof VERSIONS, operation: string, input: Record<string, string>): Promise<string>;
}

/** Prefix of the `x-amz-target` header. */
const TARGETS = {
  dynamodb: 'DynamoDB_20120810',
  events: 'AWSEvents',
  logs: 'Logs_20140328',
  monitoring: 'GraniteServiceVersion20100801',
  secretsmanager: 'secretsmanager',
  sqs: 'AmazonSQS',
  states: 'AWSStepFunctions',
} as const;

/** API versions for the query protocol. */
const VERSIONS = {
  cloudformation: '2010-05-15',
  iam: '2010-05-08',
  sns: '2010-03-31',
  sts: '2011-06-15',
} as const;

/** Longer than the timeout of every function. */
const TIMEOUT_MS = 150_000;

/** @param credentials omit them to send unsigned requests */
export const createAws = ({ url, region, certificate }: AwsAddress, credentials?: Credentials): Aws => {
  const { port } = new URL(url);

  const send = async ({ service, method, path, body, origin = url, headers = {} }: AwsRequest) => {
    const target = new URL(path, origin);
    const message = {
      method,
      protocol: 'https:',
      hostname: target.hostname,
      path: target.pathname,
      query: Object.fromEntries(target.searchParams),
      headers: { host: target.host, ...headers },
      body,
    };
    const signer =
      credentials &&
      new SignatureV4({ service, region, credentials, sha256: Sha256Node, uriEscapePath: service !== 's3' });
    const sent = signer ? await signer.sign(message) : message;
    return new Promise<AwsReply>((resolve, reject) => {
      httpsRequest(
        {
          // API host names are subdomains of `localhost`, which some resolvers do not resolve.
          host: '127.0.0.1',
          servername: 'localhost',
          port,
          ca: certificate,
          agent: false,
          signal: AbortSignal.timeout(TIMEOUT_MS),
          method,
          path: `${target.pathname}${target.search}`,
          headers: sent.headers,
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString();
            const { statusCode: status = 0, headers } = response;
            resolve({ status, headers, text, json: parse(text) });
          });
        },
      )
        .on('error', reject)
        .end(body);
    });
  };

  const requireSuccess = async (operation: string, request: AwsRequest): Promise<AwsReply> => {
    const reply = await send(request);
    if (reply.status < 300) return reply;
    throw new Error(`${request.service} rejected ${operation} (HTTP ${reply.status}): ${reply.text}`);
  };

  return {
    send,
    rest: (request) => requireSuccess(`${request.method} ${request.path}`, request),
    async json(service, operation, input) {
      const reply = await requireSuccess(operation, {
        service,
        method: 'POST',
        path: '/',
        headers: {
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': `${TARGETS[service]}.${operation}`,
        },
        body: JSON.stringify(input),
      });
      return reply.json;
    },
    async query(service, operation, input) {
      const reply = await requireSuccess(operation, {
        service,
        method: 'POST',
        path: '/',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ Action: operation, Version: VERSIONS[service], ...input }).toString(),
      });
      return reply.text;
    },
  };
};

/** The text of an XML element that occurs once. @throws Error with the name if the element is missing */
export const elementOf = (xml: string, name: string): string => {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  if (text === undefined) throw new Error(`The response has no ${name}: ${xml}`);
  return text;
};

/** All events of a stack, newest first. */
export const eventsOf = async (aws: Aws, StackName: string) => {
  const found: string[] = [];
  let next: { NextToken?: string } = {};
  do {
    const xml: string = await aws.query('cloudformation', 'DescribeStackEvents', { StackName, ...next });
    found.push(...xml.split('<member>').filter((event) => event.includes('<LogicalResourceId>')));
    next = xml.includes('<NextToken>') ? { NextToken: elementOf(xml, 'NextToken') } : {};
  } while (next.NextToken);
  return found.map((event) => ({
    LogicalResourceId: elementOf(event, 'LogicalResourceId'),
    PhysicalResourceId: elementOf(event, 'PhysicalResourceId'),
    ResourceType: elementOf(event, 'ResourceType'),
    ResourceStatus: elementOf(event, 'ResourceStatus'),
  }));
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
