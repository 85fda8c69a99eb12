/**
 * The same job on bare Node, without an SDK or a schema library. It is a lower bound: it shows how much of a figure is
 * due to Node, the network and the remote services.
 */
import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { callAws, post } from './aws-request.ts';

const {
  LEDGER_TABLE = '',
  API_KEY_SECRET = '',
  JOGGAI_BASE_URL = '',
  AWS_ENDPOINT_URL_DYNAMODB: dynamoDbUrl = '',
  AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManagerUrl = '',
} = process.env;

const CHOICES: Record<string, readonly string[]> = {
  age: ['Teenager', 'Young adult', 'Adult', 'Elderly'],
  avatar_style: ['Professional', 'Social'],
  gender: ['Female', 'Male'],
  model: ['classic', 'modern'],
  aspect_ratio: ['portrait', 'landscape', 'square'],
};
const TEXTS = ['ethnicity', 'background', 'appearance', 'image_url'];

/** The names of the invalid fields. */
const invalidFields = (request: Record<string, unknown>): string[] => [
  ...Object.keys(CHOICES).filter((name) => !CHOICES[name]?.some((choice) => choice === request[name])),
  ...Object.keys(request).filter((name) =>
    TEXTS.includes(name) ? typeof request[name] !== 'string' : !(name in CHOICES),
  ),
];

const dynamoDb = (operation: string, input: object) =>
  callAws({
    service: 'dynamodb',
    endpoint: dynamoDbUrl,
    target: `DynamoDB_20120810.${operation}`,
    jsonVersion: '1.0',
    input: { TableName: LEDGER_TABLE, ...input },
  });

let apiKey: string | undefined;

const readApiKey = async (): Promise<string> => {
  const secret = await callAws({
    service: 'secretsmanager',
    endpoint: secretsManagerUrl,
    target: 'secretsmanager.GetSecretValue',
    jsonVersion: '1.1',
    input: { SecretId: API_KEY_SECRET },
  });
  return String(Object(secret).SecretString);
};

const respond = (statusCode: number, body: object): APIGatewayProxyStructuredResultV2 => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

export const handler = async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
  const request: Record<string, unknown> = Object(JSON.parse(event.body ?? '{}'));
  const invalid = invalidFields(request);
  if (invalid.length > 0) return respond(400, { errors: invalid });

  apiKey ??= await readApiKey();
  const id = event.headers['idempotency-key'] ?? randomUUID();
  await dynamoDb('PutItem', {
    Item: {
      id: { S: id },
      status: { S: 'submitting' },
      request: { S: JSON.stringify(request) },
      createdAt: { S: new Date().toISOString() },
    },
    ConditionExpression: 'attribute_not_exists(id)',
  });

  const answer = await post(
    new URL('/v2/photo_avatar/photo/generate', JOGGAI_BASE_URL),
    { 'x-api-key': apiKey, 'content-type': 'application/json' },
    JSON.stringify(request),
  );
  const { code, data } = Object(JSON.parse(answer.text));
  const status = code === 0 ? 'generating' : 'failed';

  await dynamoDb('UpdateItem', {
    Key: { id: { S: id } },
    UpdateExpression: 'SET #status = :status, photoId = :photoId, code = :code',
    ConditionExpression: '#status = :submitting',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: {
      ':status': { S: status },
      ':photoId': { S: String(data?.photo_id) },
      ':code': { N: String(code) },
      ':submitting': { S: 'submitting' },
    },
  });
  console.log(JSON.stringify({ level: 'INFO', message: 'Outcome recorded', id, status, code }));
  return respond(status === 'generating' ? 201 : 502, { id, status, photo_id: data?.photo_id });
};
