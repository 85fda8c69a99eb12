import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { parseJson } from '../../lambda/shared/parse-json.ts';
import { FunctionError } from '../functions/function-error.ts';
import type { LocalFunction } from '../functions/local-function.ts';
import { createHandlerServer, listen, type RunningServer, readBody, sendJson, textOf } from '../server.ts';

export interface LambdaOptions {
  /** Functions by name. */
  readonly functions: Readonly<Record<string, Pick<LocalFunction, 'invoke'>>>;
}

/** Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAX_PAYLOAD = 6 * 1024 * 1024;

const ROUTE = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/**
 * Starts a Lambda emulator: synchronous Invoke of existing functions. As in AWS, a function's error is a 200 with the
 * header `x-amz-function-error`. Signatures are not checked.
 */
export const startLambda = ({ functions }: LambdaOptions): Promise<RunningServer> => {
  const server = createHandlerServer(async (request, response) => {
    const fail = (status: number, type: string, message: string) =>
      sendJson(response, status, { Type: 'User', Message: message }, { 'x-amzn-errortype': type });
    const payload = await readBody(request, MAX_PAYLOAD);
    const name = ROUTE.exec(URL.parse(request.url ?? '', 'http://localhost')?.pathname ?? '')?.[1] ?? '';
    const found = Object.hasOwn(functions, name) ? functions[name] : undefined;
    if (request.method !== 'POST' || !found)
      return fail(404, 'ResourceNotFoundException', `Function not found: ${name}`);
    if (payload === undefined) return fail(413, 'RequestTooLargeException', 'The payload is too large.');
    const text = textOf(payload);
    const event = text === '' ? {} : text && parseJson(z.unknown(), text);
    if (event === undefined)
      return fail(400, 'InvalidRequestContentException', 'Could not parse request body into json.');

    response.setHeader('x-amzn-requestid', randomUUID());
    try {
      sendJson(response, 200, await found.invoke(event), { 'x-amz-executed-version': '$LATEST' });
    } catch (error) {
      if (!(error instanceof FunctionError)) throw error;
      const { name: errorType, message: errorMessage } = error;
      sendJson(response, 200, { errorType, errorMessage }, { 'x-amz-function-error': 'Unhandled' });
    }
  });
  return listen(server);
};
