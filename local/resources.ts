import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { BucketAlreadyOwnedByYou, CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { addresseePattern, REQUEST_DETAIL_TYPE } from '../lambda/shared/event-names.ts';
import { MAX_RECEIVE_COUNT } from '../lambda/shared/limits.ts';
import { ensureLedgerTable, startDynamoDB } from './emulators/dynamodb.ts';
import { type BusRule, type EventPattern, startEventBridge } from './emulators/event-bridge.ts';
import { startFauxqs } from './emulators/fauxqs.ts';
import { type SecretsManager, startSecretsManager } from './emulators/secrets-manager.ts';
import { ensureRequestQueues, type RequestQueues } from './emulators/sqs.ts';
import { LOCAL_IDENTITY } from './identity.ts';
import type { RunningServer } from './server.ts';

/** Registers a started server, so that the service closes it. */
export type Register = <Server extends { close(): Promise<void> }>(
  server: Promise<Server>,
) => Promise<Server>;

/** An external endpoint uses the SDK's default region and credentials. */
const clientConfig = (endpoint: string, isExternal: boolean) => ({
  endpoint,
  ...(isExternal ? {} : LOCAL_IDENTITY),
});

export interface LedgerOptions {
  readonly tableName: string;
  /** An endpoint to use instead of an emulator. */
  readonly externalUrl: string | undefined;
  /** @default - in memory */
  readonly directory: string | undefined;
}

export interface LedgerStore {
  readonly url: string;
  readonly client: DynamoDBClient;
}

export const startLedger = async (
  { tableName, externalUrl, directory }: LedgerOptions,
  register: Register,
): Promise<LedgerStore> => {
  const options = { tableName, ...(directory === undefined ? {} : { directory }) };
  const url = externalUrl ?? (await register(startDynamoDB(options))).url;
  const client = new DynamoDBClient(clientConfig(url, externalUrl !== undefined));
  if (externalUrl) await ensureLedgerTable(client, tableName);
  return { url, client };
};

export interface SecretOptions {
  readonly secretName: string;
  readonly value: string | undefined;
  readonly externalUrl: string | undefined;
}

/** @returns `secretsManager`: `undefined` with an external endpoint */
export const startSecret = async (
  { secretName, value, externalUrl }: SecretOptions,
  register: Register,
): Promise<{ readonly url: string; readonly secretsManager: SecretsManager | undefined }> => {
  if (externalUrl) return { url: externalUrl, secretsManager: undefined };
  const secretsManager = await register(startSecretsManager({ secrets: { [secretName]: value } }));
  return { url: secretsManager.url, secretsManager };
};

export interface QueueOptions {
  readonly queueName: string;
  readonly visibilityTimeoutSeconds: number;
  readonly externalUrl: string | undefined;
}

export interface Queues {
  readonly url: string;
  readonly client: SQSClient;
  /** For messages of any sender. */
  readonly requests: RequestQueues;
  /** For events that the request rule sends. */
  readonly events: RequestQueues;
}

export const startQueues = async (
  { queueName, visibilityTimeoutSeconds, externalUrl }: QueueOptions,
  register: Register,
): Promise<Queues> => {
  const url = externalUrl ?? (await register(startFauxqs())).url;
  const client = new SQSClient(clientConfig(url, externalUrl !== undefined));
  const ensure = (name: string) =>
    ensureRequestQueues(client, {
      queueName: name,
      visibilityTimeoutSeconds,
      maxReceiveCount: MAX_RECEIVE_COUNT,
    });
  return { url, client, requests: await ensure(queueName), events: await ensure(`${queueName}-events`) };
};

export interface ImageOptions {
  readonly bucketName: string;
  readonly externalUrl: string | undefined;
}

export interface Images {
  readonly url: string;
  readonly client: S3Client;
  /** URL of the bucket, without a slash at the end. */
  readonly origin: string;
}

/** Creates the bucket for copies of images. The emulator's is in memory. */
export const startImages = async (
  { bucketName, externalUrl }: ImageOptions,
  register: Register,
): Promise<Images> => {
  const url = externalUrl ?? (await register(startFauxqs())).url;
  const client = new S3Client({ ...clientConfig(url, externalUrl !== undefined), forcePathStyle: true });
  try {
    await client.send(new CreateBucketCommand({ Bucket: bucketName }));
  } catch (error) {
    if (!(error instanceof BucketAlreadyOwnedByYou)) throw error;
  }
  return { url, client, origin: `${url}/${bucketName}` };
};

export interface BusOptions {
  readonly serviceName: string;
  readonly queues: Queues;
  readonly externalUrl: string | undefined;
  /** Additional rules of the emulator's bus. */
  readonly rules: readonly BusRule[];
}

/** The pattern of the default stage: see `RequestRule` in `lib/`. */
const patternFor = (serviceName: string): EventPattern => ({
  'detail-type': [REQUEST_DETAIL_TYPE],
  detail: { service: addresseePattern(serviceName, true) },
});

export const startBus = async (
  { serviceName, queues, externalUrl, rules }: BusOptions,
  register: Register,
): Promise<{ readonly url: string }> => {
  const { client, events } = queues;
  const pattern = patternFor(serviceName);
  if (externalUrl) {
    await ensureRequestRule(new EventBridgeClient({ endpoint: externalUrl }), pattern, events.queueArn);
    return { url: externalUrl };
  }
  const { queueUrl: QueueUrl } = events;
  const requests: BusRule = {
    pattern,
    target: (event) => client.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(event) })),
  };
  return register<RunningServer>(startEventBridge({ rules: [requests, ...rules] }));
};

const ensureRequestRule = async (
  client: EventBridgeClient,
  pattern: EventPattern,
  queueArn: string,
): Promise<void> => {
  const Rule = 'photo-avatars-requests';
  await client.send(new PutRuleCommand({ Name: Rule, EventPattern: JSON.stringify(pattern) }));
  await client.send(new PutTargetsCommand({ Rule, Targets: [{ Id: 'requests', Arn: queueArn }] }));
};
