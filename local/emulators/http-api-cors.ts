/** The CORS configuration of an HTTP API. */
export interface CorsConfiguration {
  readonly AllowOrigins: readonly string[];
  readonly AllowMethods: readonly string[];
  readonly AllowHeaders: readonly string[];
  readonly ExposeHeaders: readonly string[];
  /** Seconds. */
  readonly MaxAge: number;
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/**
 * The headers that API Gateway adds to the response of the function. An origin that is not listed gets none.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
 *
 * @param request the headers of the request
 */
export const corsHeaders = (
  cors: CorsConfiguration | undefined,
  method: string,
  request: Headers,
): Record<string, string> => {
  const { origin } = request;
  if (!cors || typeof origin !== 'string' || !cors.AllowOrigins.includes(origin)) return {};
  const allowed = { 'access-control-allow-origin': origin, vary: 'Origin' };
  if (method !== 'OPTIONS' || request['access-control-request-method'] === undefined) {
    return { ...allowed, 'access-control-expose-headers': cors.ExposeHeaders.join() };
  }
  return {
    ...allowed,
    'access-control-allow-methods': cors.AllowMethods.join(),
    'access-control-allow-headers': cors.AllowHeaders.join(),
    'access-control-max-age': String(cors.MaxAge),
  };
};
