import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Account } from './account.ts';
import { findImage } from './endpoints.ts';
import { drawPortrait } from './image/portrait.ts';

/** Number of images in the cache, with about 100 kB each. */
const CACHED_IMAGES = 64;

/** Serves images. They are drawn when they are asked for, because most are not, and the last ones are kept. */
export const createImages = () => {
  const drawn = new Map<string, Buffer>();
  const draw = (account: Account, path: string, now: number): Buffer | undefined => {
    const key = /^\/images\/(.+)\.png$/.exec(path)?.[1] ?? '';
    const image = findImage(account, key, now);
    if (!image) return undefined;
    const png = drawn.get(key) ?? drawPortrait(image.parameters, image.photoId, image.index, image.scale);
    // The first key is the one that was not used for the longest time.
    drawn.delete(key);
    drawn.set(key, png);
    for (const oldest of drawn.keys()) if (drawn.size > CACHED_IMAGES) drawn.delete(oldest);
    return png;
  };
  return (
    account: Account,
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    now: number,
  ): void => {
    const png = request.method === 'GET' ? draw(account, path, now) : undefined;
    if (png) response.writeHead(200, { 'content-type': 'image/png', 'content-length': png.length }).end(png);
    else response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found');
  };
};
