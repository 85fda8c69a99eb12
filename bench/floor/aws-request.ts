import { createHash, createHmac } from 'node:crypto';
import { Agent, request as httpRequest } from 'node:http';
import { request as httpsRequest, Agent as TlsAgent } from 'node:https';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

const agent = new Agent({ keepAlive: true });
const tlsAgent = new TlsAgent({ keepAlive: true });

/** Sends a POST with a text body. */
export const post = (
  url: URL,
  headers: Record<string, string>,
  body: string,
): Promise<{ readonly status: number; readonly text: string }> =>
  new Promise((resolve, reject) => {
    const isTls = url.protocol === 'https:';
    const outgoing = (isTls ? httpsRequest : httpRequest)(url, {
      method: 'POST',
      agent: isTls ? tlsAgent : agent,
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    });
    outgoing.once('error', reject).once('response', (response) => {
      const chunks: Buffer[] = [];
      response
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .once('error', reject)
        .once('end', () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
        );
    });
    outgoing.end(body);
  });

export interface AwsCall {
  /** Service name in the signature, such as `dynamodb` or `secretsmanager`. */
  readonly service: string;
  readonly endpoint: string;
  /** Header `x-amz-target`. */
  readonly target: string;
  /** Version of AWS's JSON protocol. */
  readonly jsonVersion: '1.0' | '1.1';
  readonly input: object;
}

export interface SigningOptions {
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  readonly now: Date;
}

/**
 * The signed headers of a POST in AWS's JSON protocol.
 *
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export const signedHeaders = (
  url: URL,
  { service, target, jsonVersion }: AwsCall,
  body: string,
  { region, accessKeyId, secretAccessKey, sessionToken, now }: SigningOptions,
): Record<string, string> => {
  const time = now.toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
  // The signature requires the headers sorted by name.
  const headers: Record<string, string> = {
    'content-type': `application/x-amz-json-${jsonVersion}`,
    host: url.host,
    'x-amz-date': time,
    ...(sessionToken && { 'x-amz-security-token': sessionToken }),
    'x-amz-target': target,
  };
  const names = Object.keys(headers).join(';');
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  const canonical = ['POST', '/', '', lines.join(''), names, sha256(body)].join('\n');
  const key = [...scope.split('/')].reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
  const signature = hmac(key, ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n')).toString(
    'hex',
  );
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
  };
};

/**
 * Calls an AWS service with Lambda's credentials.
 *
 * @throws Error with the operation and the HTTP status if the status is not 200
 */
export const callAws = async (call: AwsCall): Promise<unknown> => {
  const { AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
  const url = new URL('/', call.endpoint);
  const body = JSON.stringify(call.input);
  const headers = signedHeaders(url, call, body, {
    region: AWS_REGION ?? '',
    accessKeyId: AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: AWS_SECRET_ACCESS_KEY ?? '',
    sessionToken: AWS_SESSION_TOKEN,
    now: new Date(),
  });
  const { status, text } = await post(url, headers, body);
  if (status !== 200) throw new Error(`${call.target} returned HTTP ${status}.`);
  return JSON.parse(text);
};
