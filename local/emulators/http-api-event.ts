import type { IncomingMessage } from 'node:http';
import type { APIGatewayProxyEventV2WithIAMAuthorizer } from 'aws-lambda';
import { textOf } from '../server.ts';

/** The caller in every event: the emulator does not authenticate. */
const LOCAL_CALLER: APIGatewayProxyEventV2WithIAMAuthorizer['requestContext']['authorizer']['iam'] = {
  accessKey: 'LOCALACCESSKEY',
  accountId: '000000000000',
  callerId: 'LOCALCALLER',
  cognitoIdentity: null,
  principalOrgId: 'o-local',
  userArn: 'arn:aws:iam::000000000000:user/local',
  userId: 'LOCALCALLER',
};

/** The route of a request, and its path parameters. */
export interface RouteMatch {
  readonly routeKey: string;
  readonly pathParameters: Record<string, string> | undefined;
}

/**
 * Selects the route as API Gateway does: a literal segment has priority over a parameter, then comes a route with a
 * greedy parameter, and `$default` comes last.
 *
 * @param routes route keys such as `GET /photo-avatars/{id}`, `OPTIONS /{proxy+}` or `$default`
 * @param path decoded
 */
export const matchRoute = (
  routes: readonly string[],
  method: string,
  path: string,
): RouteMatch | undefined => {
  const segments = path.split('/');
  const matches = routes.flatMap((routeKey) => {
    const [routeMethod, template = ''] = routeKey.split(' ');
    const parts = template.split('/');
    if (routeMethod !== method || parts.length !== segments.length) return [];
    const parameters: Record<string, string> = {};
    for (const [index, part] of parts.entries()) {
      const segment = segments[index] ?? '';
      const name = /^\{(.+)\}$/.exec(part)?.[1];
      if (name === undefined ? part !== segment : segment === '') return [];
      if (name !== undefined) parameters[name] = segment;
    }
    return { routeKey, parameters, count: Object.keys(parameters).length };
  });
  const [best] = matches.toSorted((one, other) => one.count - other.count);
  if (best) return { routeKey: best.routeKey, pathParameters: best.count > 0 ? best.parameters : undefined };
  const greedy = `${method} /{proxy+}`;
  if (routes.includes(greedy) && path !== '/')
    return { routeKey: greedy, pathParameters: { proxy: path.slice(1) } };
  return routes.includes('$default') ? { routeKey: '$default', pathParameters: undefined } : undefined;
};

/**
 * Content types that a function receives as text. All others, also forms (curl's default) and no type, are base64.
 * AWS does not list the types. Source: https://github.com/ministackorg/ministack/pull/766
 */
const TEXT = /^(text\/[^;]*|application\/(json|xml|javascript))\s*(;|$)/i;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Common Log Format, such as `22/Nov/2026:18:16:00 +0000`. */
const commonLogTime = (time: Date): string => {
  const [date = '', clock = ''] = time.toISOString().split(/[T.]/);
  const [year, , day] = date.split('-');
  return `${day}/${MONTHS[time.getUTCMonth()]}/${year}:${clock} +0000`;
};

/** Joins repeated values with commas, as payload format 2.0 does. */
const joinRepeated = (entries: Iterable<readonly [string, string]>): Record<string, string> => {
  const joined = new Map<string, string>();
  for (const [name, value] of entries) {
    const earlier = joined.get(name);
    joined.set(name, earlier === undefined ? value : `${earlier},${value}`);
  }
  return Object.fromEntries(joined);
};

export interface EventParts extends RouteMatch {
  readonly request: IncomingMessage;
  /** Decoded. */
  readonly path: string;
  readonly query: string;
  readonly body: Buffer;
  readonly requestId: string;
  readonly receivedAt: Date;
}

/**
 * The event of payload format 2.0 for a request:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export const createEvent = (parts: EventParts): APIGatewayProxyEventV2WithIAMAuthorizer => {
  const { request, path, query, body, routeKey, pathParameters, requestId, receivedAt } = parts;
  const { host = '', 'user-agent': userAgent = '', 'content-type': contentType = '' } = request.headers;
  const sourceIp = request.socket.remoteAddress ?? '';
  const pairs = request.rawHeaders.flatMap((name, index, all) =>
    index % 2 === 0 ? [[name.toLowerCase(), all[index + 1] ?? ''] as const] : [],
  );
  const queryParameters = joinRepeated(new URLSearchParams(query));
  // A body that is not UTF-8 is base64, whatever its type.
  const text = TEXT.test(contentType) ? textOf(body) : undefined;
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: query,
    headers: {
      ...joinRepeated(pairs.filter(([name]) => name !== 'connection')),
      'x-amzn-trace-id': `Root=1-${Math.floor(receivedAt.getTime() / 1000).toString(16)}-${requestId.replaceAll('-', '').slice(0, 24)}`,
      'x-forwarded-for': sourceIp,
      'x-forwarded-proto': 'http',
    },
    ...(query !== '' && { queryStringParameters: queryParameters }),
    ...(pathParameters && { pathParameters }),
    requestContext: {
      accountId: LOCAL_CALLER.accountId,
      apiId: 'local',
      authorizer: { iam: LOCAL_CALLER },
      domainName: host,
      domainPrefix: 'local',
      http: {
        method: request.method ?? '',
        path,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp,
        userAgent,
      },
      requestId,
      routeKey,
      stage: '$default',
      time: commonLogTime(receivedAt),
      timeEpoch: receivedAt.getTime(),
    },
    ...(body.length > 0 && { body: text ?? body.toString('base64') }),
    isBase64Encoded: body.length > 0 && text === undefined,
  };
};
