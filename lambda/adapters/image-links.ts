import { Sha256 } from '@smithy/core/checksum';
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import { defaultProvider } from './environment-credentials.ts';

/** Seconds for which a link is good. */
export const LINK_LIFETIME_SECONDS = 15 * 60;

/** Makes a link to the copy of a picture, good for a short while and for whoever holds it. */
export type SignImageLink = (key: string) => Promise<string>;

/**
 * Signs links by itself, without the S3 client, which would double what this function loads at its start.
 *
 * @param origin of the bucket: https://bucket.s3.region.amazonaws.com
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
export const createImageLinks = (origin: string, region: string): SignImageLink => {
  const signer = new SignatureV4({
    service: 's3',
    region,
    credentials: defaultProvider(),
    sha256: Sha256,
    uriEscapePath: false,
  });
  return async (key) => {
    const url = new URL(`${origin}/${key}`);
    const request = new HttpRequest({
      method: 'GET',
      protocol: url.protocol,
      hostname: url.hostname,
      ...(url.port && { port: Number(url.port) }),
      path: url.pathname,
      // S3 knows no body of a link's request: it checks the signature over this constant, not over a hash.
      headers: { host: url.host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
    });
    const { query = {} } = await signer.presign(request, { expiresIn: LINK_LIFETIME_SECONDS });
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
    return url.href;
  };
};
