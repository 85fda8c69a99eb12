import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** A server that listens on 127.0.0.1 only, because local servers do not authenticate. */
export interface RunningServer {
  /** Origin, such as `http://127.0.0.1:49152`. */
  readonly url: string;
  /** Closes every connection and frees the port. Idempotent. */
  close(): Promise<void>;
}

/**
 * Starts a server on 127.0.0.1.
 *
 * @param port 0 uses any free port
 * @throws Error of `node:net` (code EADDRINUSE) if the port is in use
 */
export const listen = async (server: Server, port = 0): Promise<RunningServer> => {
  // Only clients close idle connections: closing here could race with a client's next request.
  server.keepAliveTimeout = 0;
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no TCP port.');
  let closed: Promise<void> | undefined;
  const closeServer = () =>
    new Promise<void>((resolve, reject) => {
      server.close((error) => (error ? reject(error) : resolve()));
      // Idle keep-alive connections would keep the server open.
      server.closeAllConnections();
    });
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () => {
      closed ??= closeServer();
      return closed;
    },
  };
};

/**
 * Creates a server for an asynchronous handler. Errors after the client disconnected are ignored: functions are killed
 * on purpose. Any other error is a defect and ends the process, because a 500 would look like simulated behaviour. The
 * connection is destroyed first, so that a client does not wait where a test runner keeps the process alive.
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
 * Reads a request's body.
 *
 * @returns `undefined` if the body exceeds the limit. The rest is discarded, so that the client can be answered.
 * @throws Error with code ECONNRESET if the client disconnects before the end
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

/** The text of a body, or `undefined` if it is not UTF-8. */
export const textOf = (body: Buffer): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return undefined;
  }
};

export const sendJson = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
};
