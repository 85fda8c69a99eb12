import type { IncomingMessage } from 'node:http';
import * as z from 'zod';
import { startProxy } from '../../local/proxy.ts';
import type { RunningServer } from '../../local/server.ts';

/** A call to AWS as IAM evaluates it. */
export interface AwsCall {
  /** Such as `dynamodb:PutItem`. */
  readonly action: string;
  /** ARN of the resource. */
  readonly resource: string;
  /** `s3:prefix`: what a list of objects is limited to. */
  readonly prefix?: string;
}

/** The account that the emulators represent. */
export const ACCOUNT = { partition: 'aws', region: 'us-east-1', id: '000000000000' } as const;

/** An ARN in that account. @param resource such as `table/photo-avatars` */
export const arnOf = (service: string, resource: string): string =>
  `arn:${ACCOUNT.partition}:${service}:${ACCOUNT.region}:${ACCOUNT.id}:${resource}`;

/** AWS accepts a name or an ARN: both give the ARN. */
const toArn = (service: string, resource: string, name: string): string =>
  name.startsWith('arn:') ? name : arnOf(service, `${resource}${name}`);

export const bucketArn = (name: string): string => `arn:${ACCOUNT.partition}:s3:::${name}`;

/** Secrets Manager appends a hyphen and six characters to the name of each secret. */
export const secretArn = (name: string): string => toArn('secretsmanager', 'secret:', `${name}-local0`);

type Reader = (request: IncomingMessage, body: Buffer) => AwsCall[];

const operationOf = ({ headers }: IncomingMessage): string =>
  headers['x-amz-target']?.toString().split('.').at(-1) ?? '';

const json = <Body extends z.ZodType>(schema: Body, body: Buffer): z.infer<Body> =>
  schema.parse(JSON.parse(body.toString()));

const tableCall = z.object({ TableName: z.string(), IndexName: z.string().optional() });
const secretCall = z.object({ SecretId: z.string() });
const busCall = z.object({ Entries: z.array(z.object({ EventBusName: z.string().default('default') })) });

/** Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html */
const objectActions = (method: string | undefined, searchParams: URLSearchParams): string[] => {
  switch (method) {
    case 'GET':
      return ['s3:GetObject'];
    // A single upload, or the start, a part or the end of a multipart upload.
    case 'PUT':
    case 'POST':
      return ['s3:PutObject'];
    case 'DELETE':
      if (searchParams.has('uploadId')) return ['s3:AbortMultipartUpload'];
      return ['s3:DeleteObject', ...(searchParams.has('versionId') ? ['s3:DeleteObjectVersion'] : [])];
    default:
      return [`s3:${method}`];
  }
};

/** Reads the AWS calls in a request, by the protocol of each service. */
const READERS = {
  AWS_ENDPOINT_URL_DYNAMODB: (request, body) => {
    const { TableName, IndexName } = json(tableCall, body);
    const table = toArn('dynamodb', 'table/', TableName);
    return [
      {
        action: `dynamodb:${operationOf(request)}`,
        resource: IndexName ? `${table}/index/${IndexName}` : table,
      },
    ];
  },
  AWS_ENDPOINT_URL_SECRETS_MANAGER: (request, body) => [
    {
      action: `secretsmanager:${operationOf(request)}`,
      resource: secretArn(json(secretCall, body).SecretId),
    },
  ],
  AWS_ENDPOINT_URL_EVENTBRIDGE: (request, body) =>
    json(busCall, body).Entries.map(({ EventBusName }) => ({
      action: `events:${operationOf(request)}`,
      resource: toArn('events', 'event-bus/', EventBusName),
    })),
  AWS_ENDPOINT_URL_S3: (request) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://s3');
    const resource = bucketArn(pathname.slice(1).replace(/\/$/, ''));
    if (request.method === 'GET' && searchParams.has('versions')) {
      return [{ action: 's3:ListBucketVersions', resource, prefix: searchParams.get('prefix') ?? '' }];
    }
    return objectActions(request.method, searchParams).map((action) => ({
      action,
      resource,
    }));
  },
} as const satisfies Record<string, Reader>;

export type EndpointVariable = keyof typeof READERS;

export const ENDPOINT_VARIABLES: readonly EndpointVariable[] = [
  'AWS_ENDPOINT_URL_DYNAMODB',
  'AWS_ENDPOINT_URL_SECRETS_MANAGER',
  'AWS_ENDPOINT_URL_EVENTBRIDGE',
  'AWS_ENDPOINT_URL_S3',
];

/** Starts an endpoint that forwards each request and records it. */
export const startRecordingEndpoint = (
  variable: EndpointVariable,
  target: string,
  calls: AwsCall[],
): Promise<RunningServer> =>
  startProxy({ target, onRequest: (request, body) => calls.push(...READERS[variable](request, body)) });
