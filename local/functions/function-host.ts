/**
 * One execution environment of a local function: started as a child process by `local-function.ts` with
 * the handler's module and name as arguments. It loads nothing but that module, so that what a function
 * costs to start is its own cost, and it sets nothing but the trace id, as Lambda's runtime does.
 */
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { HostMessage, Invocation, SerializedError } from './messages.ts';

const [, , entry = '', handlerName = ''] = process.argv;

const send = (message: HostMessage) => {
  process.send?.(message);
};

const flush = (stream: NodeJS.WriteStream) =>
  new Promise<void>((resolve) => stream.write('', () => resolve()));

/** Sends once everything that was logged has left this process: a caller who has the result has the log. */
const sendAfterLogs = async (message: HostMessage) => {
  await Promise.all([flush(process.stdout), flush(process.stderr)]);
  send(message);
};

/** Anything can be thrown; Lambda reports what is no Error by its type. */
const serializeError = (error: unknown): SerializedError =>
  error instanceof Error
    ? { name: error.name, message: error.message }
    : { name: typeof error, message: String(error) };

const createContext = ({ requestId, deadline }: Invocation) => ({
  awsRequestId: requestId,
  callbackWaitsForEmptyEventLoop: true,
  functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
  functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
  invokedFunctionArn: `arn:aws:lambda:${process.env.AWS_REGION}:000000000000:function:${process.env.AWS_LAMBDA_FUNCTION_NAME}`,
  memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
  logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
  logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
  getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
});

const loadHandler = async () => {
  const module: Record<string, unknown> = await import(pathToFileURL(entry).href);
  // A CommonJS bundle whose exports cannot be told by reading it has them all on `default`.
  const exported = handlerName in module ? module : Object(module.default);
  const handler: unknown = exported[handlerName];
  if (typeof handler === 'function') return handler;
  const error = new Error(`${basename(entry)} does not export a function called ${handlerName}.`);
  error.name = 'Runtime.HandlerNotFound';
  throw error;
};

const isInvocation = (message: unknown): message is Invocation =>
  typeof message === 'object' && message !== null && 'requestId' in message;

// The parent ended, however it ended: nobody is left to answer to.
process.on('disconnect', () => process.exit());

try {
  const handler = await loadHandler();
  process.on('message', async (message) => {
    if (!isInvocation(message)) return;
    const { requestId, traceId, event } = message;
    process.env._X_AMZN_TRACE_ID = traceId;
    try {
      const result: unknown = await handler(event, createContext(message));
      await sendAfterLogs({ kind: 'result', requestId, result: result ?? null });
    } catch (error) {
      await sendAfterLogs({ kind: 'error', requestId, error: serializeError(error) });
    }
  });
  send({ kind: 'ready' });
} catch (error) {
  console.error(error);
  await sendAfterLogs({ kind: 'init_error', error: serializeError(error) });
}
