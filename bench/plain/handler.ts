/**
 * The comparison: the same job as a handler that follows the examples in AWS's documentation, with the same libraries.
 * It claims a request before the paid call and records the outcome. It has no rate limit, no account state and no
 * repair, and it detects only the obvious error.
 *
 * https://docs.aws.amazon.com/sdk-for-javascript/v3/developer-guide/javascript_dynamodb_code_examples.html
 */
import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DynamoDBDocumentClient, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
// The named import of zod's documentation: its effect on the bundle is part of the measurement.
import { z } from 'zod';

const photoAvatarRequest = z.strictObject({
  age: z.enum(['Teenager', 'Young adult', 'Adult', 'Elderly']),
  avatar_style: z.enum(['Professional', 'Social']),
  gender: z.enum(['Female', 'Male']),
  model: z.enum(['classic', 'modern']),
  aspect_ratio: z.enum(['portrait', 'landscape', 'square']),
  ethnicity: z.string().optional(),
  background: z.string().optional(),
  appearance: z.string().optional(),
  image_url: z.url().optional(),
});

const joggaiAnswer = z.object({ code: z.number(), data: z.object({ photo_id: z.string() }).nullish() });

const documents = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const secretsManager = new SecretsManagerClient({});
let apiKey: string | undefined;

const readApiKey = async (): Promise<string> => {
  const { SecretString } = await secretsManager.send(
    new GetSecretValueCommand({ SecretId: process.env.API_KEY_SECRET }),
  );
  if (!SecretString) throw new Error('The secret has no value.');
  return SecretString;
};

const respond = (statusCode: number, body: object): APIGatewayProxyStructuredResultV2 => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

export const handler = async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
  const request = photoAvatarRequest.safeParse(JSON.parse(event.body ?? '{}'));
  if (!request.success) return respond(400, { errors: request.error.issues });

  apiKey ??= await readApiKey();
  const id = event.headers['idempotency-key'] ?? randomUUID();
  await documents.send(
    new PutCommand({
      TableName: process.env.LEDGER_TABLE,
      Item: { id, status: 'submitting', request: request.data, createdAt: new Date().toISOString() },
      ConditionExpression: 'attribute_not_exists(id)',
    }),
  );

  const response = await fetch(`${process.env.JOGGAI_BASE_URL}/v2/photo_avatar/photo/generate`, {
    method: 'POST',
    headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
    body: JSON.stringify(request.data),
  });
  const { code, data } = joggaiAnswer.parse(await response.json());
  const status = code === 0 ? 'generating' : 'failed';

  await documents.send(
    new UpdateCommand({
      TableName: process.env.LEDGER_TABLE,
      Key: { id },
      UpdateExpression: 'SET #status = :status, photoId = :photoId, code = :code',
      ConditionExpression: '#status = :submitting',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: {
        ':status': status,
        ':photoId': data?.photo_id ?? null,
        ':code': code,
        ':submitting': 'submitting',
      },
    }),
  );
  console.log(JSON.stringify({ level: 'INFO', message: 'Outcome recorded', id, status, code }));
  return respond(status === 'generating' ? 201 : 502, { id, status, photo_id: data?.photo_id });
};
