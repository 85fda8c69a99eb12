import { once } from 'node:events';
import { createServer } from 'node:http';
import { sendProblem } from './answers.ts';
import { createPage, type PageOptions } from './page.ts';

export interface RunningPage {
  /** The address to open, with the token. */
  readonly address: string;
  /** Takes no further requests, and resolves when those in progress are answered, or abandoned. */
  close(abandon?: AbortSignal): Promise<void>;
}

/**
 * Serves the page on 127.0.0.1.
 *
 * @param port 0 uses any free port
 * @throws Error of `node:net` (code EADDRINUSE) if the port is in use
 */
export const startPage = async (options: PageOptions, port = 0): Promise<RunningPage> => {
  const page = createPage(options);
  let isClosing = false;
  const server = createServer(async (request, response) => {
    response.once('close', () => {
      if (isClosing) setImmediate(() => server.closeIdleConnections());
    });
    if (!(await page.handle(request, response))) {
      sendProblem(response, 'route-not-found', 'The page is at /.');
    }
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no TCP port.');
  return {
    address: page.addressOn(`http://127.0.0.1:${address.port}`),
    async close(abandon) {
      isClosing = true;
      const closed = once(server, 'close');
      const closeAll = () => server.closeAllConnections();
      abandon?.addEventListener('abort', closeAll);
      server.close();
      server.closeIdleConnections();
      await closed;
      abandon?.removeEventListener('abort', closeAll);
    },
  };
};
