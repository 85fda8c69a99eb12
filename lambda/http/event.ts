import type { APIGatewayEventRequestContextV2, APIGatewayProxyEventV2WithRequestContext } from 'aws-lambda';

/** The caller's identity, checked by API Gateway's authorizer. */
export interface Authorizer {
  readonly iam?: { readonly userArn?: string | undefined } | undefined;
  readonly jwt?: { readonly claims: Record<string, unknown> } | undefined;
}

/** An HTTP API request, payload format 2.0. */
export type HttpEvent = APIGatewayProxyEventV2WithRequestContext<
  APIGatewayEventRequestContextV2 & { authorizer?: Authorizer | undefined }
>;

export const isHttpEvent = (event: unknown): event is HttpEvent =>
  typeof event === 'object' &&
  event !== null &&
  'routeKey' in event &&
  'requestContext' in event &&
  typeof event.requestContext === 'object' &&
  event.requestContext !== null &&
  'http' in event.requestContext;

export interface Caller {
  /** As recorded. */
  readonly name: string;
  /** Callers with the same namespace share their idempotency keys. */
  readonly namespace: string;
}

/**
 * The caller as authenticated by API Gateway. All sessions of a role share their idempotency keys, so that a client
 * that restarts under another session name finds its first request.
 */
export const callerOf = ({ requestContext }: HttpEvent): Caller => {
  const { iam, jwt } = requestContext.authorizer ?? {};
  if (iam?.userArn) {
    const role = /^(arn:[^:]+:sts::\d+:assumed-role\/[^/]+)\//.exec(iam.userArn)?.[1];
    return { name: iam.userArn, namespace: role ?? iam.userArn };
  }
  if (jwt) {
    const { iss, sub, client_id } = jwt.claims;
    const name = `${iss}#${sub ?? client_id}`;
    return { name, namespace: name };
  }
  return { name: 'unknown', namespace: 'unknown' };
};
