import { createHash, createHmac } from 'node:crypto';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createImageLinks, LINK_LIFETIME_SECONDS } from '../../lambda/adapters/images/image-links.ts';
import { stubAws } from '../support/aws.ts';
import { PNG } from '../support/image-server.ts';
import { BUCKET, type ObjectStore, startObjectStore } from '../support/object-store.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/**
 * The signature that S3 expects, computed from the link as S3 receives it.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
const expectedSignature = (link: string, secret: string): string => {
  const url = new URL(link);
  const query = [...url.searchParams]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort()
    .join('&');
  const canonical = ['GET', url.pathname, query, `host:${url.host}`, '', 'host', 'UNSIGNED-PAYLOAD'].join(
    '\n',
  );
  const at = url.searchParams.get('X-Amz-Date') ?? '';
  const [, ...scope] = (url.searchParams.get('X-Amz-Credential') ?? '').split('/');
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${secret}`);
  return hmac(key, ['AWS4-HMAC-SHA256', at, scope.join('/'), sha256(canonical)].join('\n')).toString('hex');
};

const signatureOf = (link: string) => new URL(link).searchParams.get('X-Amz-Signature');

it('the expected signature of this test matches the example that AWS publishes', () => {
  const published =
    'https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256' +
    '&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request' +
    '&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host' +
    '&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404';
  expect(expectedSignature(published, 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY')).toBe(
    signatureOf(published),
  );
});

const ORIGIN = 'https://images.s3.eu-central-1.amazonaws.com';
const KEY = 'images/0199-avatar/1.png';

const withCredentials = (session?: string) =>
  stubAws({
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'the secret',
    ...(session !== undefined && { AWS_SESSION_TOKEN: session }),
  });

describe('a link', () => {
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllEnvs();
  });

  it.each([
    ['of a user', undefined],
    ['of a role, whose token has characters that need escaping', 'IQoJ+b3/Jp=Z2lu~X2*VjE A=='],
  ])('has the signature that S3 expects, with credentials %s', async (_, session) => {
    withCredentials(session);
    const link = await createImageLinks(ORIGIN, 'eu-central-1')(KEY);
    expect(signatureOf(link)).toBe(expectedSignature(link, 'the secret'));
    expect(new URL(link).searchParams.get('X-Amz-Security-Token')).toBe(session ?? null);
    expect(link).not.toContain('secret');
  });

  it('is valid for 15 minutes, in the bucket’s region and for one object', async () => {
    withCredentials();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 10, 22, 23, 59, 59, 999) });
    const link = new URL(await createImageLinks(ORIGIN, 'eu-central-1')(KEY));
    expect(`${link.origin}${link.pathname}`).toBe(`${ORIGIN}/${KEY}`);
    const { searchParams: query } = link;
    expect(LINK_LIFETIME_SECONDS).toBe(15 * 60);
    expect(query.get('X-Amz-Expires')).toBe('900');
    expect(query.get('X-Amz-SignedHeaders')).toBe('host');
    expect(query.get('X-Amz-Credential')).toBe('AKIDEXAMPLE/20261122/eu-central-1/s3/aws4_request');
    expect(query.get('X-Amz-Date')).toBe('20261122T235959Z');
  });

  it.each([
    ['another object', /1.png/, '2.png'],
    ['another bucket', /\/images\.s3/, '/others.s3'],
    ['a longer lifetime', /X-Amz-Expires=900/, 'X-Amz-Expires=604800'],
    ['a later time', /X-Amz-Date=\d{4}/, 'X-Amz-Date=2099'],
    ['another query', /$/, '&acl='],
  ])('that was altered for %s does not have the signature that S3 expects', async (_, part, other) => {
    withCredentials();
    const link = await createImageLinks(ORIGIN, 'eu-central-1')(KEY);
    const altered = link.replace(part, other);
    expect(altered).not.toBe(link);
    expect(signatureOf(altered)).not.toBe(expectedSignature(altered, 'the secret'));
  });
});

describe('a link to a copy', () => {
  let store: ObjectStore;
  beforeAll(async () => {
    store = await startObjectStore();
  });
  afterAll(() => store.close());

  it('opens the copy without credentials', async () => {
    const client = new S3Client({});
    const object = { Bucket: BUCKET, Key: KEY, Body: PNG, ContentType: 'image/png' };
    await client.send(new PutObjectCommand(object));
    client.destroy();
    const answer = await fetch(await createImageLinks(store.origin, 'us-east-1')(KEY));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('image/png');
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(PNG);
  });

  it('that does not exist answers 404', async () => {
    const answer = await fetch(await createImageLinks(store.origin, 'us-east-1')('images/gone.png'));
    expect(answer.status).toBe(404);
  });
});
