import { createHandlerServer, listen, type RunningServer, readBody } from '../../local/server.ts';

export interface LossyProxy extends RunningServer {
  /**
   * Forwards the next `count` requests, and resets the connection instead of answering. `meanwhile` runs before each
   * reset.
   */
  loseAnswers(count: number, meanwhile?: () => Promise<unknown>): void;
  /** Resets every connection without forwarding the request, until called with `false`. */
  refuse(refused: boolean): void;
  /** Answers these requests as DynamoDB does when a partition is too hot, without forwarding them. `undefined`: none. */
  throttle(isThrottled: ((operation: string, body: string) => boolean) | undefined): void;
  /** Forwarded operations, such as `PutItem`. */
  readonly operations: string[];
}

const MAX_BODY = 1024 * 1024;

const nameOf = (operation: string): string => operation.replace(/^.*\./, '');

/** Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html */
const THROTTLED = JSON.stringify({
  __type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
  message:
    'The level of configured provisioned throughput for one or more global secondary indexes was exceeded.',
});

/** A proxy between the SDK and DynamoDB that loses answers, as a network may. */
export const startLossyProxy = async (target: string): Promise<LossyProxy> => {
  const operations: string[] = [];
  let losses = 0;
  let between: (() => Promise<unknown>) | undefined;
  let isRefusing = false;
  let isThrottled: Parameters<LossyProxy['throttle']>[0];
  const server = createHandlerServer(async (request, response) => {
    const body = await readBody(request, MAX_BODY);
    if (isRefusing) {
      request.socket.resetAndDestroy();
      return;
    }
    const operation = String(request.headers['x-amz-target']);
    if (isThrottled?.(nameOf(operation), body?.toString() ?? '')) {
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' }).end(THROTTLED);
      return;
    }
    const answer = await fetch(target, {
      method: 'POST',
      headers: {
        'x-amz-target': operation,
        'content-type': 'application/x-amz-json-1.0',
        authorization: request.headers.authorization ?? '',
        'x-amz-date': String(request.headers['x-amz-date']),
      },
      body: body?.toString() ?? '',
    });
    const text = await answer.text();
    operations.push(nameOf(operation));
    if (losses > 0) {
      losses -= 1;
      await between?.();
      request.socket.resetAndDestroy();
      return;
    }
    response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' }).end(text);
  });
  return {
    ...(await listen(server)),
    operations,
    loseAnswers: (count, meanwhile) => {
      losses = count;
      between = meanwhile;
    },
    throttle: (next) => {
      isThrottled = next;
    },
    refuse: (refused) => {
      isRefusing = refused;
    },
  };
};
