import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { BucketAlreadyOwnedByYou, CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { REQUEST_DETAIL_TYPE } from '../lambda/intake/detail-type.ts';
import { LOCAL_IDENTITY } from './identity.ts';
import type { RunningServer } from './server.ts';
import { ensureLedgerTable, startDynamoDB } from './stand-ins/dynamodb.ts';
import { type BusRule, startEventBridge } from './stand-ins/event-bridge.ts';
import type { EventPattern } from './stand-ins/event-pattern.ts';
import { startFauxqs } from './stand-ins/fauxqs.ts';
import { type SecretsManager, startSecretsManager } from './stand-ins/secrets-manager.ts';
import { ensureRequestQueues, type RequestQueues } from './stand-ins/sqs.ts';

/** Registers what was started, so that it is closed whatever comes next. */
export type Started = <Server extends { close(): Promise<void> }>(server: Promise<Server>) => Promise<Server>;

/** How a client is made for an address: what is given from outside has its own region and credentials, too. */
const clientConfig = (endpoint: string, isGiven: boolean) => ({
  endpoint,
  ...(isGiven ? {} : LOCAL_IDENTITY),
});

export interface LedgerOptions {
  readonly tableName: string;
  /** An endpoint that is there already. */
  readonly given: string | undefined;
  /** @default in memory */
  readonly directory: string | undefined;
}

export interface LedgerStore {
  readonly url: string;
  readonly client: DynamoDBClient;
}

export const startLedger = async (
  { tableName, given, directory }: LedgerOptions,
  started: Started,
): Promise<LedgerStore> => {
  const options = { tableName, ...(directory === undefined ? {} : { directory }) };
  const url = given ?? (await started(startDynamoDB(options))).url;
  const client = new DynamoDBClient(clientConfig(url, given !== undefined));
  if (given) await ensureLedgerTable(client, tableName);
  return { url, client };
};

export interface SecretOptions {
  readonly secretName: string;
  readonly value: string | undefined;
  readonly given: string | undefined;
}

/** @returns `secretsManager`: `undefined` where a real one is used */
export const startSecret = async (
  { secretName, value, given }: SecretOptions,
  started: Started,
): Promise<{ readonly url: string; readonly secretsManager: SecretsManager | undefined }> => {
  if (given) return { url: given, secretsManager: undefined };
  const secretsManager = await started(startSecretsManager({ secrets: { [secretName]: value } }));
  return { url: secretsManager.url, secretsManager };
};

export interface QueueOptions {
  readonly queueName: string;
  readonly visibilityTimeoutSeconds: number;
  readonly given: string | undefined;
}

export interface Queues extends RequestQueues {
  readonly url: string;
  readonly client: SQSClient;
}

/** As deployed: see `RequestQueue` in `lib/`. */
const MAX_RECEIVE_COUNT = 5;

export const startQueues = async (
  { queueName, visibilityTimeoutSeconds, given }: QueueOptions,
  started: Started,
): Promise<Queues> => {
  const url = given ?? (await started(startFauxqs())).url;
  const client = new SQSClient(clientConfig(url, given !== undefined));
  const queues = await ensureRequestQueues(client, {
    queueName,
    visibilityTimeoutSeconds,
    maxReceiveCount: MAX_RECEIVE_COUNT,
  });
  return { url, client, ...queues };
};

export interface ImageOptions {
  readonly bucketName: string;
  readonly given: string | undefined;
}

export interface Images {
  readonly url: string;
  readonly client: S3Client;
  /** Address under which the bucket's objects are found. */
  readonly origin: string;
}

/** The bucket for copies of pictures. The embedded one is in memory. */
export const startImages = async ({ bucketName, given }: ImageOptions, started: Started): Promise<Images> => {
  const url = given ?? (await started(startFauxqs())).url;
  const client = new S3Client({ ...clientConfig(url, given !== undefined), forcePathStyle: true });
  try {
    await client.send(new CreateBucketCommand({ Bucket: bucketName }));
  } catch (error) {
    if (!(error instanceof BucketAlreadyOwnedByYou)) throw error;
  }
  return { url, client, origin: `${url}/${bucketName}` };
};

export interface BusOptions {
  readonly queues: Queues;
  readonly given: string | undefined;
  /** Further rules of the embedded bus. */
  readonly rules: readonly BusRule[];
}

/** As deployed: see `RequestRule` in `lib/`. */
const PATTERN: EventPattern = { 'detail-type': [REQUEST_DETAIL_TYPE] };

export const startBus = async (
  { queues, given, rules }: BusOptions,
  started: Started,
): Promise<{ readonly url: string }> => {
  if (given) {
    await ensureRequestRule(new EventBridgeClient({ endpoint: given }), queues.queueArn);
    return { url: given };
  }
  const { client, queueUrl: QueueUrl } = queues;
  const requests: BusRule = {
    pattern: PATTERN,
    target: (event) => client.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(event) })),
  };
  return started<RunningServer>(startEventBridge({ rules: [requests, ...rules] }));
};

const ensureRequestRule = async (client: EventBridgeClient, queueArn: string): Promise<void> => {
  const Rule = 'photo-avatars-requests';
  await client.send(new PutRuleCommand({ Name: Rule, EventPattern: JSON.stringify(PATTERN) }));
  await client.send(new PutTargetsCommand({ Rule, Targets: [{ Id: 'requests', Arn: queueArn }] }));
};
