/**
 * One execution environment of a local function: a child process with the path of the handler's module as its
 * argument. It loads only that module, so that its start time is the function's own.
 */
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { HostMessage, Invocation, SerializedError } from './messages.ts';

const [, , entry = ''] = process.argv;

const HANDLER_NAME = 'handler';

const send = (message: HostMessage) => {
  process.send?.(message);
};

const flush = (stream: NodeJS.WriteStream) =>
  new Promise<void>((resolve) => stream.write('', () => resolve()));

/** Sends a message after all log output, so that a caller with the result also has the log. */
const sendAfterLogs = async (message: HostMessage) => {
  await Promise.all([flush(process.stdout), flush(process.stderr)]);
  send(message);
};

/** A handler can throw any value. Lambda reports the type of a value that is no Error. */
const serializeError = (error: unknown): SerializedError =>
  error instanceof Error
    ? { name: error.name, message: error.message }
    : { name: typeof error, message: String(error) };

/**
 * What Lambda's runtime writes to the log when a handler throws: the whole error, with every property that it has.
 * Source: https://github.com/aws/aws-lambda-nodejs-runtime-interface-client (Errors, LogPatch)
 */
const logThrown = (requestId: string, error: unknown) => {
  const { name: errorType, message: errorMessage } = serializeError(error);
  const properties = error instanceof Error ? { ...error, stack: error.stack?.split('\n') } : {};
  const log = (text: string) =>
    console.error(`${new Date().toISOString()}\t${requestId}\tERROR\tInvoke Error \t${text}`);
  try {
    log(JSON.stringify({ errorType, errorMessage, ...properties }));
  } catch {
    // Not every property is JSON.
    log(JSON.stringify({ errorType, errorMessage }));
  }
};

const createContext = ({ requestId, deadline, qualifier }: Invocation) => ({
  awsRequestId: requestId,
  callbackWaitsForEmptyEventLoop: true,
  functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
  functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
  invokedFunctionArn: `arn:aws:lambda:${process.env.AWS_REGION}:000000000000:function:${process.env.AWS_LAMBDA_FUNCTION_NAME}${qualifier === undefined ? '' : `:${qualifier}`}`,
  memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
  logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
  logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
  getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
});

const loadHandler = async () => {
  const module: Record<string, unknown> = await import(pathToFileURL(entry).href);
  // Node cannot detect the named exports of some CommonJS bundles: they are all on `default`.
  const exported = HANDLER_NAME in module ? module : Object(module.default);
  const handler: unknown = exported[HANDLER_NAME];
  if (typeof handler === 'function') return handler;
  const error = new Error(`${basename(entry)} does not export a function called ${HANDLER_NAME}.`);
  error.name = 'Runtime.HandlerNotFound';
  throw error;
};

const isInvocation = (message: unknown): message is Invocation =>
  typeof message === 'object' && message !== null && 'requestId' in message;

// The parent process has ended.
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
      logThrown(requestId, error);
      await sendAfterLogs({ kind: 'error', requestId, error: serializeError(error) });
    }
  });
  send({ kind: 'ready' });
} catch (error) {
  console.error(error);
  await sendAfterLogs({ kind: 'init_error', error: serializeError(error) });
}
