import { randomUUID } from 'node:crypto';
import { FunctionError } from '../functions/function-error.ts';
import type { LocalFunction } from '../functions/local-function.ts';
import { createHandlerServer, listen, type RunningServer, readBody, sendJson } from '../server.ts';

export interface LambdaOptions {
  /** Functions by name. */
  readonly functions: Readonly<Record<string, Pick<LocalFunction, 'invoke'>>>;
  /** @default any free port */
  readonly port?: number;
}

/** Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const LONGEST_PAYLOAD = 6 * 1024 * 1024;

const ROUTE = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/**
 * Starts Lambda's Invoke operation on this machine, for functions that exist from the start. An error of the function
 * is a 200 with the header `x-amz-function-error`, as in AWS. Signatures are not checked.
 */
export const startLambda = ({ functions, port }: LambdaOptions): Promise<RunningServer> => {
  const server = createHandlerServer(async (request, response) => {
    const refuse = (status: number, type: string, message: string) =>
      sendJson(response, status, { Type: 'User', Message: message }, { 'x-amzn-errortype': type });
    const text = (await readBody(request, LONGEST_PAYLOAD))?.toString();
    const name = ROUTE.exec(URL.parse(request.url ?? '', 'http://localhost')?.pathname ?? '')?.[1] ?? '';
    const found = Object.hasOwn(functions, name) ? functions[name] : undefined;
    if (request.method !== 'POST' || !found)
      return refuse(404, 'ResourceNotFoundException', `Function not found: ${name}`);
    if (text === undefined) return refuse(413, 'RequestTooLargeException', 'The payload is too large.');
    const event = parse(text);
    if (event.kind === 'invalid')
      return refuse(400, 'InvalidRequestContentException', 'Could not parse request body into json.');

    response.setHeader('x-amzn-requestid', randomUUID());
    if (request.headers['x-amz-invocation-type'] === 'Event') {
      // Nobody waits for its result; what goes wrong is in its log.
      found.invoke(event.value).catch(() => {});
      response.writeHead(202).end();
      return;
    }
    try {
      sendJson(response, 200, await found.invoke(event.value), { 'x-amz-executed-version': '$LATEST' });
    } catch (error) {
      if (!(error instanceof FunctionError)) throw error;
      const { name: errorType, message: errorMessage } = error;
      sendJson(response, 200, { errorType, errorMessage }, { 'x-amz-function-error': 'Unhandled' });
    }
  });
  return listen(server, port);
};

const parse = (text: string): { kind: 'valid'; value: unknown } | { kind: 'invalid' } => {
  try {
    return { kind: 'valid', value: text === '' ? {} : JSON.parse(text) };
  } catch {
    return { kind: 'invalid' };
  }
};
