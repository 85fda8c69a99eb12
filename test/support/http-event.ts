import type { Authorizer, HttpEvent } from '../../lambda/http/event.ts';

export interface HttpEventOptions {
  readonly authorizer?: Authorizer | undefined;
  /** @default 'GET /account' */
  readonly routeKey?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | undefined;
}

/** An event as API Gateway sends it. */
export const httpEvent = ({
  authorizer,
  routeKey = 'GET /account',
  headers = {},
  body,
}: HttpEventOptions = {}): HttpEvent => {
  const [method = '', path = ''] = routeKey.split(' ');
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: '',
    headers,
    isBase64Encoded: false,
    ...(body !== undefined && { body }),
    requestContext: {
      accountId: '000000000000',
      apiId: 'api',
      authorizer,
      domainName: 'localhost',
      domainPrefix: 'api',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: '' },
      requestId: 'request',
      routeKey,
      stage: '$default',
      time: '22/Nov/2026:12:00:00 +0000',
      timeEpoch: 0,
    },
  };
};
