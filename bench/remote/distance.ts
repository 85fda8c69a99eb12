import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createRequire } from 'node:module';
import { connect, createServer as createTcpServer, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { listen } from '../../local/server.ts';

const require = createRequire(import.meta.url);
const pem = (name: string): Buffer => readFileSync(require.resolve(`dynalite/ssl/${name}.pem`));

/** Passes each piece on after a delay, and none before a time. */
const forward = (from: Socket, to: Socket, delayMs: number, notBefore = 0): void => {
  const later = (pass: () => void) => setTimeout(pass, Math.max(0, notBefore - performance.now()) + delayMs);
  from.on('data', (data) => later(() => to.write(data)));
  from.once('end', () => later(() => to.end()));
  from.once('error', () => to.destroy());
};

/**
 * A server at a distance, over TLS: to open a connection takes two round trips, one of TCP and one of TLS. It ends each
 * connection with its answer: in use, the next request comes after a server has ended an idle one.
 *
 * @param target origin that requests are forwarded to
 * @returns its origin
 */
export const startDistant = async (target: string, roundTripMs: number): Promise<string> => {
  const keys = { key: pem('server-key'), cert: pem('server-crt') };
  const tls = createTlsServer(keys, async (request, response) => {
    const { url = '/', method, headers } = request;
    const outgoing = httpRequest(new URL(url, target), { method, headers }).end(await buffer(request));
    const [answer] = await once(outgoing, 'response');
    response
      .writeHead(answer.statusCode, { ...answer.headers, connection: 'close' })
      .end(await buffer(answer));
  });
  const port = Number(new URL((await listen(tls)).url).port);
  const distance = createTcpServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    const far = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    forward(near, far, roundTripMs / 2, performance.now() + roundTripMs);
    forward(far, near, roundTripMs / 2);
  });
  await once(distance.listen(0, '127.0.0.1'), 'listening');
  const address = distance.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no TCP port.');
  return `https://127.0.0.1:${address.port}`;
};
