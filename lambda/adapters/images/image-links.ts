import { fromEnv } from '@aws-sdk/credential-provider-env';
import { Sha256 } from '@smithy/core/checksum';
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import type { SignImageLink } from '../../domain/ports.ts';

/** Lifetime of a link, in seconds. */
export const LINK_LIFETIME_SECONDS = 15 * 60;

/**
 * Signs links without the S3 client, which would double the code that the api function loads at its start.
 *
 * @param origin of the bucket: https://bucket.s3.region.amazonaws.com
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
export const createImageLinks = (origin: string, region: string): SignImageLink => {
  const signer = new SignatureV4({
    service: 's3',
    region,
    credentials: fromEnv(),
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
      // S3 checks a presigned URL's signature over this constant, not over a hash of the body.
      headers: { host: url.host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
    });
    const { query = {} } = await signer.presign(request, { expiresIn: LINK_LIFETIME_SECONDS });
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
    return url.href;
  };
};
