import { AwsV4Signer } from 'aws4fetch';

/** As the AWS SDK's credential providers return them. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** How requests are authorized. A function is called for each attempt, so that it can renew what has expired. */
export type Auth =
  | {
      readonly kind: 'iam';
      /** @default - the region in the URL's host */
      readonly region?: string | undefined;
      readonly credentials: AwsCredentials | (() => Promise<AwsCredentials>);
    }
  | { readonly kind: 'token'; readonly token: string | (() => Promise<string>) };

export interface Unauthorized {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: string | undefined;
}

/** @returns the headers with the authorization */
export type Authorize = (request: Unauthorized, now: number) => Promise<Headers>;

const AWS_HOST = /\.execute-api\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?$/;

/** Hosts that are this machine: what is sent to them passes no network. */
const LOCAL_HOST = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * @param base the URL of the API
 * @throws TypeError if the region is neither given nor part of the host, or if a secret would be sent without TLS
 */
export const createAuthorize = (auth: Auth | undefined, { hostname, protocol }: URL): Authorize => {
  if (auth === undefined) return async ({ headers }) => headers;
  if (protocol !== 'https:' && !LOCAL_HOST.test(hostname)) {
    throw new TypeError(
      `url must start with https: with "auth", ${hostname} would receive secrets without TLS.`,
    );
  }
  if (auth.kind === 'token') {
    return async ({ headers }) => {
      const token = typeof auth.token === 'function' ? await auth.token() : auth.token;
      return sendable(async () => {
        const authorized = new Headers(headers);
        // A token that was read from a file ends with a line break.
        authorized.set('authorization', `Bearer ${token.trim()}`);
        return authorized;
      });
    };
  }
  const region = auth.region ?? AWS_HOST.exec(hostname)?.[1];
  if (region === undefined) {
    throw new TypeError(`auth.region is missing: the host ${hostname} does not contain it.`);
  }
  return async (request, now) => {
    const { accessKeyId, secretAccessKey, sessionToken } =
      typeof auth.credentials === 'function' ? await auth.credentials() : auth.credentials;
    return sendable(async () => {
      const signer = new AwsV4Signer({
        ...request,
        accessKeyId,
        secretAccessKey,
        ...(sessionToken !== undefined && { sessionToken }),
        region,
        service: 'execute-api',
        datetime: new Date(now).toISOString().replace(/[:-]|\.\d{3}/g, ''),
      });
      return (await signer.sign()).headers;
    });
  };
};

/** Replaces the error of `Headers`, whose message repeats the secret that a header cannot carry. */
const sendable = (build: () => Promise<Headers>): Promise<Headers> =>
  build().catch(() => {
    throw new TypeError('The token or the credentials contain characters that a header cannot carry.');
  });
