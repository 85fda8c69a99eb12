import { createHandlerServer, listen, type RunningServer } from '../../local/server.ts';

interface Version {
  readonly key: string;
  readonly id: string;
  readonly isMarker: boolean;
}

/** Small, so that a few versions fill several pages. */
const PAGE = 2;

const xml = ({ key, id, isMarker }: Version): string => {
  const element = isMarker ? 'DeleteMarker' : 'Version';
  return `<${element}><Key>${key}</Key><VersionId>${id}</VersionId></${element}>`;
};

/**
 * A bucket with versioning, of which S3 lists the versions in pages. Only ListObjectVersions and DeleteObject.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
 */
export const startVersionedBucket = async (
  options: { readonly onDelete?: (bucket: { put(key: string): void }) => void } = {},
): Promise<RunningServer & { put(key: string): void; remove(key: string): void; versions(): string[] }> => {
  let stored: Version[] = [];
  let count = 0;
  const add = (key: string, isMarker: boolean) => {
    count += 1;
    stored.push({ key, id: `version-${count}`, isMarker });
    stored.sort((one, other) => (one.key < other.key ? -1 : Number(one.key > other.key)));
  };
  const put = (key: string) => add(key, false);
  const server = createHandlerServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://s3');
    if (request.method === 'DELETE') {
      const [, , ...parts] = pathname.split('/');
      const key = decodeURIComponent(parts.join('/'));
      const version = searchParams.get('versionId');
      if (version === null) add(key, true);
      else stored = stored.filter(({ id }) => id !== version);
      options.onDelete?.({ put });
      response.writeHead(204).end();
      return;
    }
    if (!searchParams.has('versions'))
      throw new Error(`This bucket does not know ${request.method} ${request.url}.`);
    const prefix = searchParams.get('prefix') ?? '';
    const after = [searchParams.get('key-marker') ?? '', searchParams.get('version-id-marker') ?? ''].join(
      '\n',
    );
    const rest = stored.filter(({ key, id }) => key.startsWith(prefix) && [key, id].join('\n') > after);
    const page = rest.slice(0, PAGE);
    const last = page.at(-1);
    const isTruncated = rest.length > PAGE;
    const next = `<NextKeyMarker>${last?.key}</NextKeyMarker><NextVersionIdMarker>${last?.id}</NextVersionIdMarker>`;
    response.writeHead(200, { 'content-type': 'application/xml' });
    response.end(
      `<ListVersionsResult><IsTruncated>${isTruncated}</IsTruncated>${isTruncated ? next : ''}${page.map(xml).join('')}</ListVersionsResult>`,
    );
  });
  return {
    ...(await listen(server)),
    put,
    /** Deletes an object as S3 does without a version: its content stays, behind a marker. */
    remove: (key) => add(key, true),
    versions: () => stored.map(({ key, isMarker }) => (isMarker ? `${key} (marker)` : key)),
  };
};
