import type { IncomingHttpHeaders } from 'node:http';
import { Sha256Node } from '@smithy/core/checksum';
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';

/** A request as it arrived. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query, encoded. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The caller in an event, as the authorizer of a route passes it on. */
export type Authorizer = Readonly<Record<string, unknown>>;

/** Decides as the authorizer of a route does: the status of a refusal, or the caller in the event. */
export type Authorize = (
  routeKey: string,
  request: SignedRequest,
) => 401 | 403 | Authorizer | Promise<401 | 403 | Authorizer>;

export interface IamIdentity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Required in the request if it is set. */
  readonly sessionToken?: string;
  readonly userArn: string;
}

export interface IamOptions {
  readonly identities: readonly IamIdentity[];
  readonly region: string;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

/** AWS accepts a signature within five minutes of its time. */
const MAX_AGE_MS = 5 * 60_000;

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/\s]+)\/(\d{8})\/([^/]+)\/execute-api\/aws4_request, *SignedHeaders=([a-z0-9;-]+), *Signature=([0-9a-f]{64})$/;

/** The time of the format `20261122T181600Z`. */
const timeOf = (text: string): number =>
  Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));

/**
 * The IAM authorizer of an HTTP API: it checks the signature, and every signed-in caller may call every route.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 *
 * @returns the caller, or 403 as API Gateway answers to a missing, wrong or old signature
 */
export const createIamAuthorizer =
  ({ identities, region, now = Date.now }: IamOptions): Authorize =>
  async (_routeKey, request) => {
    const { method, target, headers, body } = request;
    const [, accessKeyId, date, signedRegion, signedHeaders = '', signature] =
      AUTHORIZATION.exec(headers.authorization ?? '') ?? [];
    const identity = identities.find((known) => known.accessKeyId === accessKeyId);
    const signedAt = String(headers['x-amz-date']);
    const names = signedHeaders.split(';');
    const isCurrent =
      signedAt.slice(0, 8) === date &&
      Math.abs(now() - timeOf(signedAt)) <= MAX_AGE_MS &&
      signedRegion === region;
    if (!identity || !isCurrent || !['host', 'x-amz-date'].every((name) => names.includes(name))) return 403;
    if (identity.sessionToken !== headers['x-amz-security-token']) return 403;

    const { userArn, ...credentials } = identity;
    const signer = new SignatureV4({
      service: 'execute-api',
      region,
      credentials,
      sha256: Sha256Node,
      applyChecksum: false,
    });
    const [path = '/', query = ''] = target.split(/\?(.*)/s);
    const values = new URLSearchParams(query);
    const expected = await signer.sign(
      new HttpRequest({
        method,
        path,
        query: Object.fromEntries([...values.keys()].map((name) => [name, values.getAll(name)])),
        headers: Object.fromEntries(names.map((name) => [name, String(headers[name])])),
        body,
      }),
      { signingDate: new Date(timeOf(signedAt)), signableHeaders: new Set(names) },
    );
    return expected.headers.authorization?.endsWith(`Signature=${signature}`)
      ? { iam: { accessKey: accessKeyId, accountId: userArn.split(':')[4], userArn, userId: accessKeyId } }
      : 403;
  };
