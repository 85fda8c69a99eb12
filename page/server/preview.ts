import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { PageError } from './answers.ts';

/** The image fits into the frame. */
const STYLE = 'html,body{margin:0;height:100%}img{display:block;width:100%;height:100%;object-fit:contain}';
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

const LOOPBACK = ['127.0.0.1', 'localhost'];

/** Other characters would be allowed in a host, but have a meaning in a policy. */
const HOST = /^[a-z0-9_.-]+$/;

const readUrl = (text: string | null): URL | undefined => {
  const url = text !== null && URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !HOST.test(url.hostname) || url.username !== '' || url.password !== '') return undefined;
  const isLoaded = url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.includes(url.hostname));
  return isLoaded ? url : undefined;
};

const escaped = (text: string): string =>
  text.replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);

/**
 * Answers with a document that shows one image and may load nothing else, for a frame of the page.
 *
 * @param query of the request, with `url`
 * @throws PageError if it is not one of an image that may be shown
 */
export const sendPreview = (response: ServerResponse, query: URLSearchParams): void => {
  const url = readUrl(query.get('url'));
  if (!url) {
    throw new PageError(
      'invalid-parameter',
      'url must be a URL with https: and a host name, without a user. With http: only an image of this machine is shown.',
    );
  }
  const policy = [
    "default-src 'none'",
    `img-src ${url.origin}`,
    `style-src 'sha256-${STYLE_HASH}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
    'sandbox',
  ];
  response
    .writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy.join('; '),
    })
    .end(
      `<!doctype html><html lang="en"><title>Preview</title><style>${STYLE}</style><img alt="Reference image" src="${escaped(url.href)}">`,
    );
};
