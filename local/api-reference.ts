import { readFileSync } from 'node:fs';
import { CONTENT_SECURITY_POLICY, referencePage } from '../packaging/reference/page.ts';
import type { Front } from './emulators/http-api.ts';

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `${CONTENT_SECURITY_POLICY}; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

const REFERENCE_PATH = '/docs';

let page: string | undefined;

/** The page of a path: the reference of the HTTP API, or none. It is made when it is read for the first time. */
export const apiReference = (path: string): string | undefined => {
  if (path !== REFERENCE_PATH) return undefined;
  page ??= referencePage(JSON.parse(readFileSync(new URL('../docs/openapi.json', import.meta.url), 'utf8')));
  return page;
};

/** Serves the reference of the HTTP API at `/docs`. */
export const serveApiReference: Front = async ({ method = '', url = '' }, response) => {
  const [path = ''] = url.split('?');
  const html = ['GET', 'HEAD'].includes(method) ? apiReference(path) : undefined;
  if (html === undefined) return false;
  response.writeHead(200, HEADERS).end(method === 'HEAD' ? undefined : html);
  return true;
};
