import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { clientSettings, requestLimits, withoutCallLog } from './aws-client.ts';
import { type DirectService, withDirectCalls } from './direct-calls.ts';

export type Item = Record<string, AttributeValue>;

const DIRECT: DirectService = {
  name: 'dynamodb',
  target: 'DynamoDB_20120810',
  contentType: 'application/x-amz-json-1.0',
  operation: GetItemCommand,
  outputOf(status, answer) {
    if (status === 400 && answer.__type?.endsWith('#ConditionalCheckFailedException')) {
      const { message = '', Item } = answer;
      throw new ConditionalCheckFailedException({ message, ...(Item && { Item }), $metadata: {} });
    }
    return status === 200 ? answer : undefined;
  },
};

/**
 * The client for ledger and gate. Its time limits allow several attempts to record an outcome in the few seconds
 * between the end of the paid call and the end of the function.
 *
 * @param timeoutMs for a connection, and for an answer to one attempt
 */
export const createDynamoDb = (timeoutMs?: number): DynamoDBClient =>
  withDirectCalls(
    withoutCallLog(
      new DynamoDBClient({
        ...clientSettings('DYNAMODB'),
        accountIdEndpointMode: 'preferred',
        // After the direct one.
        maxAttempts: 3,
        requestHandler: requestLimits(timeoutMs, { connectMs: 1_000, answerMs: 1_500 }),
      }),
    ),
    DIRECT,
  );

export const toItem = (value: object): Item => marshall(value, { removeUndefinedValues: true });

export const fromItem = (item: Item): Record<string, unknown> => unmarshall(item);

/** The conflict of a conditional write with the item in its place, or `undefined` if the condition held. */
export const conflictOf = async (
  write: Promise<unknown>,
  readBack: () => Promise<Item | undefined>,
): Promise<{ readonly item: Item | undefined } | undefined> => {
  try {
    await write;
    return undefined;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    // Not every DynamoDB-compatible store returns the conflicting item.
    return { item: error.Item ?? (await readBack()) };
  }
};
