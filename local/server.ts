import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** A server that listens on 127.0.0.1, and on no other address: nothing local authenticates its callers. */
export interface RunningServer {
  /** Origin, such as `http://127.0.0.1:49152`. */
  readonly url: string;
  /** Cuts every connection and frees the port. Safe to call more than once. */
  close(): Promise<void>;
}

/**
 * Starts a server on 127.0.0.1.
 *
 * @param port 0 takes any free port.
 * @throws Error of `node:net` (code EADDRINUSE) when the port is taken.
 */
export const listen = async (server: Server, port = 0): Promise<RunningServer> => {
  // Only callers close idle connections: a connection closed here could meet its caller's next request.
  server.keepAliveTimeout = 0;
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no TCP port.');
  let closed: Promise<void> | undefined;
  const shut = () =>
    new Promise<void>((resolve, reject) => {
      server.close((error) => (error ? reject(error) : resolve()));
      // A client's idle keep-alive connection would otherwise hold the server open.
      server.closeAllConnections();
    });
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () => {
      closed ??= shut();
      return closed;
    },
  };
};

/**
 * A server for an asynchronous handler. A caller that leaves before its answer is normal here (functions are killed
 * on purpose), and what then fails concerns no caller. Any other error is a defect and ends the process, because
 * answered as a 500 it would look like behaviour of what is being simulated. Where something keeps the process from
 * ending, as a test runner does, the caller is cut off instead of waiting for an answer that never comes.
 */
export const createHandlerServer = (
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Server =>
  createServer((request, response) => {
    handle(request, response).catch((error) => {
      if (request.socket.destroyed) return;
      response.destroy();
      throw error;
    });
  });

/**
 * Reads a request's body to its end.
 *
 * @returns undefined when it is longer than the limit; the rest is then read and thrown away, so that the
 * caller can still be answered.
 * @throws Error with code ECONNRESET when the caller leaves before the end.
 */
export const readBody = async (request: IncomingMessage, limitBytes: number): Promise<Buffer | undefined> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > limitBytes) {
      request.resume();
      return undefined;
    }
  }
  return Buffer.concat(chunks, length);
};

/** Answers with a JSON body. */
export const sendJson = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
};
