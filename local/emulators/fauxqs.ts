import { buildApp } from 'fauxqs';
import type { RunningServer } from '../server.ts';

type App = ReturnType<typeof buildApp>;

/**
 * Adds ListObjectVersions, which fauxqs lacks: its answer would look like an empty list. Its buckets have no versioning,
 * so each object has the one version that S3 calls `null`.
 *
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
 */
export const addVersionListing = (app: App): void => {
  app.addHook('onRequest', async (request, reply) => {
    const { pathname, searchParams } = new URL(request.url, 'http://s3');
    if (request.method !== 'GET' || !searchParams.has('versions')) return;
    searchParams.delete('versions');
    searchParams.set('marker', searchParams.get('key-marker') ?? '');
    const listed = await app.inject({ method: 'GET', url: `${pathname}?${searchParams}` });
    const versions = listed.body
      .replaceAll('ListBucketResult', 'ListVersionsResult')
      .replaceAll('NextMarker', 'NextKeyMarker')
      .replaceAll('<Contents>', '<Version><VersionId>null</VersionId><IsLatest>true</IsLatest>')
      .replaceAll('</Contents>', '</Version>');
    return reply.code(listed.statusCode).header('content-type', 'application/xml').send(versions);
  });
};

/**
 * Starts emulators of SQS, SNS and S3 (fauxqs) on one address, in memory and empty. Any credentials are accepted;
 * queues are separate for each region that calls are signed for.
 */
export const startFauxqs = async (): Promise<RunningServer> => {
  // fauxqs's own `startFauxqs` listens on every address of the machine.
  const app = buildApp({ logger: false });
  addVersionListing(app);
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  return { url, close: async () => app.close() };
};
