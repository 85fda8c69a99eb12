import { type LookupAddress, lookup as resolve } from 'node:dns';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { Transform, type TransformCallback } from 'node:stream';
import ipaddr from 'ipaddr.js';
import { errorCode } from '../../shared/error-name.ts';

/** Maximum size of an image to copy, in bytes. */
export const MAX_IMAGE_BYTES = 25 * 1024 * 1024;

const MAX_REDIRECTS = 3;

/** Permanent failure: do not retry. */
export class ImageRefused extends Error {
  override readonly name = 'ImageRefused';
}

/** Temporary failure: retry later. */
export class ImageUnavailable extends Error {
  override readonly name = 'ImageUnavailable';
}

/** The accepted image types, and the first bytes of such files. */
const TYPES = [
  { contentType: 'image/png', ending: 'png', begins: [0x89, 0x50, 0x4e, 0x47] },
  { contentType: 'image/jpeg', ending: 'jpg', begins: [0xff, 0xd8, 0xff] },
  // RIFF, a length, WEBP. Audio and video files start with RIFF, too.
  {
    contentType: 'image/webp',
    ending: 'webp',
    begins: [0x52, 0x49, 0x46, 0x46, null, null, null, null, 0x57, 0x45, 0x42, 0x50],
  },
] as const;

export type ImageType = (typeof TYPES)[number];

export interface ImageDownload {
  readonly type: ImageType;
  /** The image. Fails with ImageRefused if it is too large or not an image, ImageUnavailable if the download stops early. */
  readonly content: Transform & { readonly bytes: number };
}

export interface DownloadOptions {
  /** Allowed hosts: `res.jogg.ai`, or `*.jogg.ai` for all its subdomains. */
  readonly hosts: readonly string[];
  /** Aborts the download. */
  readonly signal: AbortSignal;
}

/**
 * Starts the download of an image from an allowed host. Addresses in private networks are refused, also behind a host
 * name or a redirect: they do not belong to JoggAI.
 *
 * @throws ImageRefused, ImageUnavailable
 */
export const downloadImage = async (url: string, options: DownloadOptions): Promise<ImageDownload> => {
  let current = url;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const response = await get(current, options);
    const { statusCode = 0, headers } = response;
    if (statusCode === 200) return read(response);
    response.destroy();
    const isRedirect = statusCode >= 300 && statusCode < 400 && headers.location !== undefined;
    const next = isRedirect ? URL.parse(headers.location ?? '', current) : null;
    if (!next) throw new ImageUnavailable(`HTTP ${statusCode}`);
    current = next.href;
  }
  throw new ImageRefused(`more than ${MAX_REDIRECTS} redirects`);
};

const get = (url: string, { hosts, signal }: DownloadOptions): Promise<IncomingMessage> =>
  new Promise((resolved, reject) => {
    const target = checked(url, hosts);
    const options: RequestOptions = { agent: false, signal, lookup: publicLookup };
    const request = (target.protocol === 'https:' ? httpsRequest : httpRequest)(target, options, resolved);
    request.on('error', (error) =>
      reject(error instanceof ImageRefused ? error : new ImageUnavailable(errorCode(error))),
    );
    request.end();
  });

/** The URL, if its host is allowed. An IP address on the list is trusted, also over http. */
const checked = (url: string, hosts: readonly string[]): URL => {
  const target = URL.parse(url);
  if (!target) throw new ImageRefused('not a URL');
  const { hostname, protocol } = target;
  const isListed = hosts.some((host) =>
    host.startsWith('*.') ? hostname.endsWith(host.slice(1)) : hostname === host,
  );
  if (!isListed) throw new ImageRefused(`host ${hostname} is not one of imageHosts`);
  const isLiteral = isIP(hostname.replace(/^\[|\]$/g, '')) !== 0;
  if (protocol !== 'https:' && !(protocol === 'http:' && isLiteral)) {
    throw new ImageRefused('not an https URL');
  }
  return target;
};

/** Global unicast, the only part of IPv6 from which public addresses are assigned (RFC 4291). */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

/** Whether an address is not on the public internet, also in its IPv4-in-IPv6 forms. */
export const isPrivateAddress = (address: string): boolean => {
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast') return true;
  return parsed instanceof ipaddr.IPv6 && !parsed.match(GLOBAL_UNICAST);
};

/** Resolves a name and checks the addresses in the same step that the connection uses. */
const publicLookup: LookupFunction = (hostname, options, callback) => {
  resolve(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    const [first] = addresses ?? [];
    if (error || !first) return callback(error ?? new Error('no address'), '');
    if (addresses.some(({ address }) => isPrivateAddress(address))) {
      return callback(new ImageRefused(`${hostname} resolves to an address in a private network`), '');
    }
    return options.all ? callback(null, addresses) : callback(null, first.address, first.family);
  });
};

const read = (response: IncomingMessage): ImageDownload => {
  const contentType = (response.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  // Not a registered media type, but common.
  const isJpg = contentType === 'image/jpg';
  const type = TYPES.find((known) => known.contentType === (isJpg ? 'image/jpeg' : contentType));
  const length = Number(response.headers['content-length'] ?? 0);
  const reason = !type
    ? 'not an image of a known type'
    : length > MAX_IMAGE_BYTES
      ? `larger than ${MAX_IMAGE_BYTES} bytes`
      : undefined;
  if (!type || reason) {
    response.destroy();
    throw new ImageRefused(reason);
  }
  const content = new ImageGuard(type);
  response.once('error', (error) => content.destroy(new ImageUnavailable(errorCode(error))));
  response.once('close', () => {
    if (!response.complete) content.destroy(new ImageUnavailable('the download stopped early'));
  });
  // The rest of a refused image is not needed.
  content.once('close', () => response.destroy());
  // Without a listener, an early failure would end the process. The reader gets the error.
  content.on('error', () => {});
  response.pipe(content);
  return { type, content };
};

/** Passes an image through while its first bytes match its type and its size is within the limit. */
class ImageGuard extends Transform {
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
      done(new ImageRefused('content does not match its type'));
      return;
    }
    if (this.bytes > MAX_IMAGE_BYTES) done(new ImageRefused(`larger than ${MAX_IMAGE_BYTES} bytes`));
    else done(null, chunk);
  }

  override _flush(done: TransformCallback): void {
    done(this.#head.length < this.#type.begins.length ? new ImageRefused('empty') : null);
  }
}
