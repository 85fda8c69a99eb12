import type { APIGatewayEventRequestContextV2, APIGatewayProxyEventV2WithRequestContext } from 'aws-lambda';
import { ProblemError } from './problem.ts';

/** The caller's identity, checked by API Gateway's authorizer. */
export interface Authorizer {
  readonly iam?: { readonly userArn?: string | undefined } | undefined;
  readonly jwt?: { readonly claims: Record<string, unknown> } | undefined;
}

/** An HTTP API request, payload format 2.0. */
export type HttpEvent = APIGatewayProxyEventV2WithRequestContext<
  APIGatewayEventRequestContextV2 & { authorizer?: Authorizer | undefined }
>;

/**
 * Whether API Gateway sent the event: by the alias that it invokes. The content proves nothing, because a direct caller
 * chooses it.
 *
 * @param invokedFunctionArn from Lambda's context; ends with the alias, if there is one
 */
export const isHttpEvent = (event: unknown, invokedFunctionArn: string): event is HttpEvent =>
  isQualified(invokedFunctionArn) &&
  typeof event === 'object' &&
  event !== null &&
  'routeKey' in event &&
  'requestContext' in event &&
  typeof event.requestContext === 'object' &&
  event.requestContext !== null &&
  'http' in event.requestContext;

const isQualified = (functionArn: string): boolean => {
  const [, , , , , , , qualifier = '$LATEST'] = functionArn.split(':');
  return qualifier !== '$LATEST';
};

export interface Caller {
  /** As recorded. */
  readonly name: string;
  /** Callers with the same namespace share their idempotency keys. */
  readonly namespace: string;
}

/**
 * The caller as authenticated by API Gateway. All sessions of a role share their idempotency keys, so that a client
 * that restarts under another session name finds its first request.
 *
 * @throws ProblemError if a token does not say whose it is
 */
export const callerOf = ({ requestContext }: HttpEvent): Caller => {
  const { iam, jwt } = requestContext.authorizer ?? {};
  if (iam?.userArn) {
    const role = /^(arn:[^:]+:sts::\d+:assumed-role\/[^/]+)\//.exec(iam.userArn)?.[1];
    return { name: iam.userArn, namespace: role ?? iam.userArn };
  }
  if (jwt) {
    const { iss, sub, client_id } = jwt.claims;
    const subject = [sub, client_id].find((claim) => typeof claim === 'string' && claim !== '');
    if (subject === undefined) {
      throw new ProblemError(
        'caller-not-identified',
        'The token has neither "sub" nor "client_id", so its caller cannot be distinguished from others. Nothing was recorded or ' +
          'charged. Use a token with one of them.',
      );
    }
    const name = `${iss}#${subject}`;
    return { name, namespace: name };
  }
  return { name: 'unknown', namespace: 'unknown' };
};

/** Whose a caller's records are: the `owner` of a record, and the namespace of its idempotency key. */
export const ownerOf = ({ namespace }: Caller): string => `http:${namespace}`;
