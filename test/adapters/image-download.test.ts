import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  downloadImage,
  ImageRefused,
  ImageUnavailable,
  MOST_IMAGE_BYTES,
} from '../../lambda/adapters/image-download.ts';
import { eventually } from '../support/eventually.ts';
import {
  endless,
  JPEG,
  type PictureServer,
  PNG,
  picture,
  startPictureServer,
  WEBP,
} from '../support/picture-server.ts';

let server: PictureServer;
beforeAll(async () => {
  server = await startPictureServer();
});
afterAll(() => server.close());

const HOSTS = ['127.0.0.1'];

/** Downloads to the end. */
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

describe('a picture', () => {
  it.each([
    ['image/png', 'png', PNG],
    ['image/jpeg', 'jpg', JPEG],
    ['image/webp', 'webp', WEBP],
  ])('of type %s comes through whole', async (contentType, ending, body) => {
    const downloaded = await download(server.serve(`/whole.${ending}`, picture(body, contentType)));
    expect(downloaded).toMatchObject({ type: { contentType, ending }, body, bytes: body.length });
  });

  it.each([
    ['Image/PNG; charset=binary', PNG, 'image/png'],
    ['image/jpg', JPEG, 'image/jpeg'],
  ])('may be declared as %s', async (declared, body, contentType) => {
    const { type } = await download(server.serve('/declared', picture(body, declared)));
    expect(type.contentType).toBe(contentType);
  });

  it('may come byte by byte', async () => {
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

  it('is as large as it may be', async () => {
    const body = Buffer.concat([PNG, Buffer.alloc(MOST_IMAGE_BYTES - PNG.length)]);
    expect((await download(server.serve('/largest', picture(body)))).bytes).toBe(MOST_IMAGE_BYTES);
  });

  it('is found behind three redirects, also to a path', async () => {
    server.serve('/first', redirectTo('/second', 301));
    server.serve('/second', redirectTo(`${server.url}/third`, 307));
    server.serve('/third', redirectTo('fourth', 308));
    server.serve('/fourth', picture(PNG));
    expect((await download(`${server.url}/first`)).body).toEqual(PNG);
  });
});

describe('refused for good is', () => {
  const refused = async (url: string, hosts?: string[]): Promise<string> => {
    const error = await download(url, hosts && { hosts }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ImageRefused);
    return error instanceof Error ? error.message : '';
  };

  it.each(['text/html', 'image/svg+xml', 'image/gif', 'application/octet-stream', ''])(
    'what is declared as “%s”',
    async (declared) => {
      expect(await refused(server.serve('/type', picture(PNG, declared)))).toBe(
        'not a picture of a known type',
      );
    },
  );

  it.each([
    ['image/png', Buffer.from('<html>not found</html>')],
    ['image/png', JPEG],
    ['image/jpeg', PNG],
    ['image/webp', Buffer.from('RIFF\x24\x00\x00\x00WAVEfmt ', 'latin1')],
  ])('what is declared as %s and begins like something else', async (declared, body) => {
    expect(await refused(server.serve('/content', picture(body, declared)))).toBe(
      'not the picture that its type says',
    );
  });

  it.each([
    ['nothing at all', Buffer.alloc(0)],
    ['less than a beginning', PNG.subarray(0, 3)],
  ])('%s', async (_, body) => {
    expect(await refused(server.serve('/empty', picture(body)))).toBe('empty');
  });

  it('what says that it is too large, before it is sent', async () => {
    const url = server.serve('/huge', (response) =>
      response
        .writeHead(200, { 'content-type': 'image/png', 'content-length': MOST_IMAGE_BYTES + 1 })
        .write(PNG),
    );
    expect(await refused(url)).toBe('larger than 26214400 bytes');
  });

  it('what turns out one byte too large', async () => {
    const url = server.serve('/more', (response) => {
      response.writeHead(200, { 'content-type': 'image/png' });
      response.end(Buffer.concat([PNG, Buffer.alloc(MOST_IMAGE_BYTES - PNG.length + 1)]));
    });
    expect(await refused(url)).toBe('larger than 26214400 bytes');
  });

  it('what turns out too large, and the rest of it is not waited for', async () => {
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

  it('what is no address', async () => {
    expect(await refused('pictures/one.png')).toBe('not a URL');
  });

  it.each([
    ['http', 'http://localhost:1/x.png'],
    ['FTP', 'ftp://localhost/x.png'],
  ])('a name by %s', async (_, url) => {
    expect(await refused(url, ['localhost'])).toBe('not an https address');
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
  ])('%s, which is on no list', async (url) => {
    expect(await refused(url, ['res.jogg.ai', '*.jogg.ai'])).toContain('is not on the list of image hosts');
  });

  it('a name on the list that resolves into a private network, and nobody is connected to', async () => {
    const before = server.requests.length;
    const { port } = new URL(server.url);
    expect(await refused(`https://localhost:${port}/x.png`, ['localhost'])).toBe(
      'localhost is an address inside a private network',
    );
    expect(server.requests).toHaveLength(before);
  });

  it.each([
    ['to a foreign host', 'https://example.com/x.png', 'is not on the list'],
    ['to a private address', 'http://169.254.169.254/latest/meta-data', 'is not on the list'],
    ['to a name in a private network', 'https://localhost/x.png', 'inside a private network'],
    ['to http', 'http://localhost/x.png', 'not an https address'],
  ])('a redirect %s', async (_, location, reason) => {
    const url = server.serve('/away', redirectTo(location));
    expect(await refused(url, ['127.0.0.1', 'localhost'])).toContain(reason);
  });
});

describe('worth another try is', () => {
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
    ['without an address', {}],
    ['to what is no address', { location: 'https://[' }],
  ])('a redirect %s', async (_, headers) => {
    expect(await unavailable(server.serve('/redirect', status(302, headers)))).toBe('HTTP 302');
  });

  it('a host that nobody answers for', async () => {
    expect(await unavailable('http://127.0.0.1:1/x.png')).toBe('ECONNREFUSED');
  });

  it.each([
    ['before its answer', (response: ServerResponse) => response.socket?.resetAndDestroy()],
    [
      'in the middle of an announced length',
      (response: ServerResponse) => {
        response.writeHead(200, { 'content-type': 'image/png', 'content-length': PNG.length });
        response.write(PNG.subarray(0, 20), () => response.socket?.destroy());
      },
    ],
    [
      'in the middle of a length that nobody announced',
      (response: ServerResponse) => {
        response.writeHead(200, { 'content-type': 'image/png' });
        response.write(PNG.subarray(0, 20), () => response.socket?.resetAndDestroy());
      },
    ],
  ])('a connection that breaks off %s', async (_, answer) => {
    expect(await unavailable(server.serve('/broken', answer))).not.toBe('');
  });

  it('a host of which nothing comes in time', async () => {
    const time = new AbortController();
    await unavailable(
      server.serve('/silent', () => time.abort()),
      time.signal,
    );
    await eventually(() => expect(server.open.size).toBe(0));
  });

  it('a host of which the half comes in time', async () => {
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

  it('what breaks off before anybody reads it', async () => {
    const url = server.serve('/unread', (response) => {
      response.writeHead(200, { 'content-type': 'image/png' });
      response.write(PNG.subarray(0, 20), () => response.socket?.resetAndDestroy());
    });
    const { content } = await downloadImage(url, { hosts: HOSTS, signal: new AbortController().signal });
    await eventually(() => expect(content.destroyed).toBe(true));
    await expect(content.toArray()).rejects.toBeInstanceOf(ImageUnavailable);
  });
});
