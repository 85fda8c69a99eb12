import { correlationIdOf } from '../domain/request/correlation.ts';
import type { HttpEvent } from './event.ts';

/** Request header with the caller's id of a request, and response header with the id that the log has. */
export const CORRELATION_HEADER = 'x-correlation-id';

/** Source: https://www.w3.org/TR/trace-context/#traceparent-header */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-|$)/;

/**
 * The id by which the logs find a request: the caller's own, or the trace that the caller continues, or API Gateway's. A
 * malformed one is ignored, because it is no reason to refuse a request; the answer shows which id counts.
 */
export const correlationOf = ({ headers, requestContext }: HttpEvent): string =>
  correlationIdOf(headers[CORRELATION_HEADER]) ??
  TRACEPARENT.exec(headers.traceparent ?? '')?.[1] ??
  requestContext.requestId;
