import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  downloadImage,
  ImageRefused,
  ImageUnavailable,
  MAX_IMAGE_BYTES,
} from '../../lambda/adapters/images/image-download.ts';
import { eventually } from '../support/eventually.ts';
import {
  endless,
  type ImageServer,
  image,
  JPEG,
  PNG,
  startImageServer,
  WEBP,
} from '../support/image-server.ts';

let server: ImageServer;
beforeAll(async () => {
  server = await startImageServer();
});
afterAll(() => server.close());

const HOSTS = ['127.0.0.1'];

/** Downloads an image completely. */
const download = async (url: string, { hosts = HOSTS, signal = new AbortController().signal } = {}) => {
  const { type, content } = await downloadImage(url, { hosts, signal });
  const chunks: Buffer[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return { type, body: Buffer.concat(chunks), bytes: content.bytes };
};

const redirectTo =
  (location: string, status = 302) =>
  (response: ServerResponse) =>
    response.writeHead(status, { location }).end('elsewhere');

describe('an image', () => {
  it.each([
    ['image/png', 'png', PNG],
    ['image/jpeg', 'jpg', JPEG],
    ['image/webp', 'webp', WEBP],
  ])('of type %s is downloaded completely', async (contentType, ending, body) => {
    const downloaded = await download(server.serve(`/whole.${ending}`, image(body, contentType)));
    expect(downloaded).toMatchObject({ type: { contentType, ending }, body, bytes: body.length });
  });

  it.each([
    ['Image/PNG; charset=binary', PNG, 'image/png'],
    ['image/jpg', JPEG, 'image/jpeg'],
  ])('may have the content type %s', async (declared, body, contentType) => {
    const { type } = await download(server.serve('/declared', image(body, declared)));
    expect(type.contentType).toBe(contentType);
  });

  it('may arrive byte by byte', async () => {
    const url = server.serve('/drip.webp', async (response) => {
      response.writeHead(200, { 'content-type': 'image/webp' });
      for (const byte of WEBP) {
        response.write(Buffer.from([byte]));
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
    });
    expect((await download(url)).body).toEqual(WEBP);
  });

  it('may have the maximum size', async () => {
    const body = Buffer.concat([PNG, Buffer.alloc(MAX_IMAGE_BYTES - PNG.length)]);
    expect((await download(server.serve('/largest', image(body)))).bytes).toBe(MAX_IMAGE_BYTES);
  });

  it('may be behind three redirects, also to a path', async () => {
    server.serve('/first', redirectTo('/second', 301));
    server.serve('/second', redirectTo(`${server.url}/third`, 307));
    server.serve('/third', redirectTo('fourth', 308));
    server.serve('/fourth', image(PNG));
    expect((await download(`${server.url}/first`)).body).toEqual(PNG);
  });
});

describe('permanently refused is', () => {
  const refused = async (url: string, hosts?: string[]): Promise<string> => {
    const error = await download(url, hosts && { hosts }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ImageRefused);
    return error instanceof Error ? error.message : '';
  };

  it.each(['text/html', 'image/svg+xml', 'image/gif', 'application/octet-stream', ''])(
    'the content type “%s”',
    async (declared) => {
      expect(await refused(server.serve('/type', image(PNG, declared)))).toBe('not an image of a known type');
    },
  );

  it.each([
    ['image/png', Buffer.from('<html>not found</html>')],
    ['image/png', JPEG],
    ['image/jpeg', PNG],
    ['image/webp', Buffer.from('RIFF\x24\x00\x00\x00WAVEfmt ', 'latin1')],
  ])('content of type %s whose first bytes do not match', async (declared, body) => {
    expect(await refused(server.serve('/content', image(body, declared)))).toBe(
      'content does not match its type',
    );
  });

  it.each([
    ['an empty body', Buffer.alloc(0)],
    ['a body shorter than a file signature', PNG.subarray(0, 3)],
  ])('%s', async (_, body) => {
    expect(await refused(server.serve('/empty', image(body)))).toBe('empty');
  });

  it('a content-length above the limit, before the body is sent', async () => {
    const url = server.serve('/huge', (response) =>
      response
        .writeHead(200, { 'content-type': 'image/png', 'content-length': MAX_IMAGE_BYTES + 1 })
        .write(PNG),
    );
    expect(await refused(url)).toBe('larger than 26214400 bytes');
  });

  it('a body of one byte too many', async () => {
    const url = server.serve('/more', (response) => {
      response.writeHead(200, { 'content-type': 'image/png' });
      response.end(Buffer.concat([PNG, Buffer.alloc(MAX_IMAGE_BYTES - PNG.length + 1)]));
    });
    expect(await refused(url)).toBe('larger than 26214400 bytes');
  });

  it('a body that is too large, without waiting for its end', async () => {
    const url = server.serve('/endless', endless(1_000));
    expect(await refused(url)).toBe('larger than 26214400 bytes');
    await eventually(() => expect(server.open.size).toBe(0));
  });

  it('a fourth redirect', async () => {
    server.serve('/loop', redirectTo('/loop'));
    const before = server.requests.length;
    expect(await refused(`${server.url}/loop`)).toBe('more than 3 redirects');
    expect(server.requests.slice(before)).toHaveLength(4);
  });

  it('text that is not a URL', async () => {
    expect(await refused('images/one.png')).toBe('not a URL');
  });

  it.each([
    ['http', 'http://localhost:1/x.png'],
    ['FTP', 'ftp://localhost/x.png'],
  ])('a host name over %s', async (_, url) => {
    expect(await refused(url, ['localhost'])).toBe('not an https URL');
  });

  it.each([
    'https://example.com/x.png',
    'file:///etc/passwd',
    'https://jogg.ai.example.com/x.png',
    'https://evil-jogg.ai/x.png',
    'https://res.jogg.ai@example.com/x.png',
    'http://169.254.169.254/latest/meta-data',
    'http://10.0.0.1/x.png',
    'http://2130706433.example.com/',
    'http://[::1]/x.png',
    'http://0x7f000002/x.png',
  ])('%s, which is not an allowed host', async (url) => {
    expect(await refused(url, ['res.jogg.ai', '*.jogg.ai'])).toContain('is not one of imageHosts');
  });

  it('an allowed host name that resolves to a private address, without a connection', async () => {
    const before = server.requests.length;
    const { port } = new URL(server.url);
    expect(await refused(`https://localhost:${port}/x.png`, ['localhost'])).toBe(
      'localhost resolves to an address in a private network',
    );
    expect(server.requests).toHaveLength(before);
  });

  it.each([
    ['to a host that is not allowed', 'https://example.com/x.png', 'is not one of imageHosts'],
    ['to a private address', 'http://169.254.169.254/latest/meta-data', 'is not one of imageHosts'],
    ['to a host name in a private network', 'https://localhost/x.png', 'in a private network'],
    ['to http', 'http://localhost/x.png', 'not an https URL'],
  ])('a redirect %s', async (_, location, reason) => {
    const url = server.serve('/away', redirectTo(location));
    expect(await refused(url, ['127.0.0.1', 'localhost'])).toContain(reason);
  });
});

describe('temporarily unavailable is', () => {
  const unavailable = async (url: string, signal?: AbortSignal): Promise<string> => {
    const error = await download(url, signal && { signal }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ImageUnavailable);
    return error instanceof Error ? error.message : '';
  };
  const status =
    (statusCode: number, headers = {}) =>
    (response: ServerResponse) =>
      response.writeHead(statusCode, headers).end('x');

  it.each([404, 403, 410, 429, 500, 503, 204, 304])('an answer of HTTP %i', async (statusCode) => {
    expect(await unavailable(server.serve('/status', status(statusCode)))).toBe(`HTTP ${statusCode}`);
  });

  it.each([
    ['without a location', {}],
    ['to an invalid URL', { location: 'https://[' }],
  ])('a redirect %s', async (_, headers) => {
    expect(await unavailable(server.serve('/redirect', status(302, headers)))).toBe('HTTP 302');
  });

  it('a refused connection', async () => {
    expect(await unavailable('http://127.0.0.1:1/x.png')).toBe('ECONNREFUSED');
  });

  it.each([
    ['before the answer', (response: ServerResponse) => response.socket?.resetAndDestroy()],
    [
      'in the middle of a body with a content-length',
      (response: ServerResponse) => {
        response.writeHead(200, { 'content-type': 'image/png', 'content-length': PNG.length });
        response.write(PNG.subarray(0, 20), () => response.socket?.destroy());
      },
    ],
    [
      'in the middle of a body without a content-length',
      (response: ServerResponse) => {
        response.writeHead(200, { 'content-type': 'image/png' });
        response.write(PNG.subarray(0, 20), () => response.socket?.resetAndDestroy());
      },
    ],
  ])('a connection that is lost %s', async (_, answer) => {
    expect(await unavailable(server.serve('/broken', answer))).not.toBe('');
  });

  it('a host that does not answer in time', async () => {
    const time = new AbortController();
    await unavailable(
      server.serve('/silent', () => time.abort()),
      time.signal,
    );
    await eventually(() => expect(server.open.size).toBe(0));
  });

  it('a body that is not complete in time', async () => {
    const time = new AbortController();
    const url = server.serve('/slow', (response) =>
      response.writeHead(200, { 'content-type': 'image/png' }).write(PNG),
    );
    const { content } = await downloadImage(url, { hosts: HOSTS, signal: time.signal });
    await once(content, 'readable');
    time.abort();
    await expect(content.toArray()).rejects.toBeInstanceOf(ImageUnavailable);
    await eventually(() => expect(server.open.size).toBe(0));
  });

  it('a connection that is lost before the body is read', async () => {
    const url = server.serve('/unread', (response) => {
      response.writeHead(200, { 'content-type': 'image/png' });
      response.write(PNG.subarray(0, 20), () => response.socket?.resetAndDestroy());
    });
    const { content } = await downloadImage(url, { hosts: HOSTS, signal: new AbortController().signal });
    await eventually(() => expect(content.destroyed).toBe(true));
    await expect(content.toArray()).rejects.toBeInstanceOf(ImageUnavailable);
  });
});
