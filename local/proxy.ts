import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { performance } from 'node:perf_hooks';
import { buffer } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { createHandlerServer, listen, type RunningServer } from './server.ts';

export interface ProxyOptions {
  /** Origin that requests are forwarded to, such as `http://127.0.0.1:49152`. */
  readonly target: string;
  /** Minimum milliseconds from a request's arrival to its answer. @default 0 */
  readonly latencyMs?: number;
  /** Called when a request arrives, with its header `x-amz-target` or else its path. */
  readonly onBegin?: (operation: string) => void;
  /** Called before a request is forwarded. */
  readonly onRequest?: (request: IncomingMessage, body: Buffer) => void;
  /** Called with a request and its answer, before the answer is sent. */
  readonly onAnswer?: (request: IncomingMessage, body: Buffer, answer: Buffer, status: number) => void;
  /** Called before an answer is sent. The answer waits for the result. */
  readonly onEnd?: (operation: string) => void | Promise<void>;
}

const operationOf = ({ headers, url = '/' }: IncomingMessage): string =>
  headers['x-amz-target']?.toString() ?? url;

/** Starts a proxy with a fixed latency: it simulates a network between two machines, without noise. */
export const startProxy = async (options: ProxyOptions): Promise<RunningServer> => {
  const { target, latencyMs = 0, onBegin, onRequest, onAnswer, onEnd } = options;
  const agent = new Agent({ keepAlive: true });
  const server = createHandlerServer(async (request, response) => {
    const arrivedAt = performance.now();
    const operation = operationOf(request);
    onBegin?.(operation);
    const body = await buffer(request);
    onRequest?.(request, body);
    const outgoing = httpRequest(new URL(request.url ?? '/', target), {
      method: request.method,
      headers: request.headers,
      agent,
    });
    const responded = new Promise<IncomingMessage>((resolve, reject) =>
      outgoing.once('response', resolve).once('error', reject),
    );
    outgoing.end(body);
    const incoming = await responded;
    const answer = await buffer(incoming);
    onAnswer?.(request, body, answer, incoming.statusCode ?? 502);
    const remaining = latencyMs - (performance.now() - arrivedAt);
    if (remaining > 0) await wait(remaining);
    await onEnd?.(operation);
    response.writeHead(incoming.statusCode ?? 502, incoming.headers).end(answer);
  });
  const running = await listen(server);
  return {
    ...running,
    close: async () => {
      await running.close();
      agent.destroy();
    },
  };
};
