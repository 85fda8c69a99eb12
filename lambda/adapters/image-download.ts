import { type LookupAddress, lookup as resolve } from 'node:dns';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { Transform, type TransformCallback } from 'node:stream';
import { causeOf } from './exchange.ts';

/** The largest picture that is copied, in bytes. */
export const MOST_IMAGE_BYTES = 25 * 1024 * 1024;

const MOST_REDIRECTS = 3;

/** It is not to be had and never will be. */
export class ImageRefused extends Error {
  override readonly name = 'ImageRefused';
}

/** It could not be had now. */
export class ImageUnavailable extends Error {
  override readonly name = 'ImageUnavailable';
}

/** What a picture may be, and how such a file begins. */
const TYPES = [
  { contentType: 'image/png', ending: 'png', begins: [0x89, 0x50, 0x4e, 0x47] },
  { contentType: 'image/jpeg', ending: 'jpg', begins: [0xff, 0xd8, 0xff] },
  // RIFF, a length, WEBP: sound and film begin with RIFF, too.
  {
    contentType: 'image/webp',
    ending: 'webp',
    begins: [0x52, 0x49, 0x46, 0x46, null, null, null, null, 0x57, 0x45, 0x42, 0x50],
  },
] as const;

export type ImageType = (typeof TYPES)[number];

export interface ImageDownload {
  readonly type: ImageType;
  /** The picture. Ends with ImageRefused if it turns out too large or no picture, ImageUnavailable if it breaks off. */
  readonly content: Transform & { readonly bytes: number };
}

export interface DownloadOptions {
  /** Hosts that pictures may come from: `res.jogg.ai`, or `*.jogg.ai` for all below it. */
  readonly hosts: readonly string[];
  /** Ends the download, wherever it is. */
  readonly signal: AbortSignal;
}

/**
 * Begins to download a picture from a host on the list, and from no address inside a private network, whatever a name
 * or a redirect says: what answers there is not JoggAI.
 *
 * @throws ImageRefused, ImageUnavailable
 */
export const downloadImage = async (url: string, options: DownloadOptions): Promise<ImageDownload> => {
  let current = url;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    const response = await get(current, options);
    const { statusCode = 0, headers } = response;
    if (statusCode === 200) return read(response);
    response.destroy();
    const isRedirect = statusCode >= 300 && statusCode < 400 && headers.location !== undefined;
    const next = isRedirect ? URL.parse(headers.location ?? '', current) : null;
    if (!next) throw new ImageUnavailable(`HTTP ${statusCode}`);
    current = next.href;
  }
  throw new ImageRefused(`more than ${MOST_REDIRECTS} redirects`);
};

const get = (url: string, { hosts, signal }: DownloadOptions): Promise<IncomingMessage> =>
  new Promise((resolved, reject) => {
    const target = checked(url, hosts);
    const options: RequestOptions = { agent: false, signal, lookup: publicLookup };
    const request = (target.protocol === 'https:' ? httpsRequest : httpRequest)(target, options, resolved);
    request.on('error', (error) =>
      reject(error instanceof ImageRefused ? error : new ImageUnavailable(causeOf(error))),
    );
    request.end();
  });

/** The address, if pictures may come from there. An address that is on the list itself is trusted as it is. */
const checked = (url: string, hosts: readonly string[]): URL => {
  const target = URL.parse(url);
  if (!target) throw new ImageRefused('not a URL');
  const { hostname, protocol } = target;
  const isListed = hosts.some((host) =>
    host.startsWith('*.') ? hostname.endsWith(host.slice(1)) : hostname === host,
  );
  if (!isListed) throw new ImageRefused(`host ${hostname} is not on the list of image hosts`);
  const isLiteral = isIP(hostname.replace(/^\[|\]$/g, '')) !== 0;
  if (protocol !== 'https:' && !(protocol === 'http:' && isLiteral)) {
    throw new ImageRefused('not an https address');
  }
  return target;
};

/** Addresses that are not on the public internet. Source: IANA special-purpose address registries (RFC 6890). */
const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  PRIVATE.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['2001::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const) {
  PRIVATE.addSubnet(network, prefix, 'ipv6');
}

/** Whether an address is inside a private network, also in its IPv4-in-IPv6 form. */
export const isPrivateAddress = (address: string): boolean => {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  const plain = mapped ?? address;
  return PRIVATE.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
};

/** Resolves a name and checks what comes out of it, in the same step that the connection uses. */
const publicLookup: LookupFunction = (hostname, options, callback) => {
  resolve(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    const [first] = addresses ?? [];
    if (error || !first) return callback(error ?? new Error('no address'), '');
    if (addresses.some(({ address }) => isPrivateAddress(address))) {
      return callback(new ImageRefused(`${hostname} is an address inside a private network`), '');
    }
    return options.all ? callback(null, addresses) : callback(null, first.address, first.family);
  });
};

const read = (response: IncomingMessage): ImageDownload => {
  const contentType = (response.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  // Not a registered type, and a common one.
  const isJpg = contentType === 'image/jpg';
  const type = TYPES.find((known) => known.contentType === (isJpg ? 'image/jpeg' : contentType));
  const length = Number(response.headers['content-length'] ?? 0);
  const reason = !type
    ? 'not a picture of a known type'
    : length > MOST_IMAGE_BYTES
      ? `larger than ${MOST_IMAGE_BYTES} bytes`
      : undefined;
  if (!type || reason) {
    response.destroy();
    throw new ImageRefused(reason);
  }
  const content = new PictureGuard(type);
  response.once('error', (error) => content.destroy(new ImageUnavailable(causeOf(error))));
  response.once('close', () => {
    if (!response.complete) content.destroy(new ImageUnavailable('the download broke off'));
  });
  // Nobody waits for the rest of a picture that turned out to be none.
  content.once('close', () => response.destroy());
  // It may break off before anybody reads it: whoever does is told then.
  content.on('error', () => {});
  response.pipe(content);
  return { type, content };
};

/** Lets a picture through, as long as it begins like one and is not too large. */
class PictureGuard extends Transform {
  bytes = 0;
  #head = Buffer.alloc(0);
  readonly #type: ImageType;

  constructor(type: ImageType) {
    super();
    this.#type = type;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const { begins } = this.#type;
    this.bytes += chunk.length;
    if (this.#head.length < begins.length)
      this.#head = Buffer.concat([this.#head, chunk.subarray(0, begins.length)]);
    if (begins.some((byte, at) => byte !== null && at < this.#head.length && this.#head[at] !== byte)) {
      done(new ImageRefused('not the picture that its type says'));
      return;
    }
    if (this.bytes > MOST_IMAGE_BYTES) done(new ImageRefused(`larger than ${MOST_IMAGE_BYTES} bytes`));
    else done(null, chunk);
  }

  override _flush(done: TransformCallback): void {
    done(this.#head.length < this.#type.begins.length ? new ImageRefused('empty') : null);
  }
}
