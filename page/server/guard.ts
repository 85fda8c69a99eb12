import type { IncomingMessage } from 'node:http';
import { PageError } from './answers.ts';

/** The names of this machine. Any other name in `Host` may be one that an attacker resolves to 127.0.0.1. */
const NAMES = ['127.0.0.1', 'localhost', '[::1]'] as const;

/** What an address bar and pages of this server send. Older browsers send nothing. */
const OWN_SITES: readonly (string | undefined)[] = [undefined, 'same-origin', 'none'];

const OPEN_DIRECTLY = 'Open the address that was printed at the start, by typing or pasting it.';

/**
 * Refuses a request that may come from a page of somebody else, or was sent to somebody else's name. It decides before
 * anything else, for every method and path.
 *
 * @throws PageError that says why
 */
export const refuseForeign = ({ headers, url = '', socket }: IncomingMessage): void => {
  const refuse = (detail: string): never => {
    throw new PageError('foreign-request', detail);
  };
  const hosts = NAMES.map((name) => new URL(`http://${name}:${socket.localPort}`).host);
  if (!hosts.includes(headers.host ?? '')) {
    refuse(
      `The header Host is "${headers.host}". Only ${hosts.join(', ')} are answered, with this port also if it is forwarded.`,
    );
  }
  // A target with a host of its own would override the header.
  if (!url.startsWith('/')) refuse('The target of the request is no path.');
  const { origin, 'sec-fetch-site': site } = headers;
  if (origin !== undefined && !hosts.some((host) => origin === `http://${host}`)) {
    refuse(`A page of ${origin} sent this request. ${OPEN_DIRECTLY}`);
  }
  if (!OWN_SITES.includes(site?.toString())) {
    refuse(`A page of another site sent this request, or links here. ${OPEN_DIRECTLY}`);
  }
};
