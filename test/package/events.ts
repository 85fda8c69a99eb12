import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

export interface Installed {
  /** Folder of a program that has the package installed. */
  readonly shop: string;
  /** Every supported Node by its version. */
  readonly nodes: ReadonlyMap<string, string>;
  readonly run: (cwd: string, command: string, ...args: string[]) => Promise<void>;
  readonly inRoot: (name: string) => string;
}

/** What the package offers to programs that send or receive events. */
export const describeEvents = ({ shop, nodes, run, inRoot }: Installed): void => {
  describe('photo-avatars/events in the package', () => {
    const program = `
    import { EVENT_SOURCE, isPhotoAvatarEvent, REQUEST_DETAIL_TYPE, validateRequestDetail } from 'photo-avatars/events';
    const [error] = validateRequestDetail({ age: 'adult' });
    const told = [EVENT_SOURCE, REQUEST_DETAIL_TYPE, isPhotoAvatarEvent({}), error?.field].join();
    if (told !== 'photo-avatars,Photo Avatar Requested,false,age') throw new Error(told);`;

    it.each([...nodes])('checks events with Node %s', async (_, node) => {
      await run(shop, node, '--input-type=module', '--eval', program);
    });

    it('contains neither the AWS SDK, nor the CDK, nor a module of Node', async () => {
      const { metafile, outputFiles } = await build({
        stdin: { contents: program, resolveDir: shop },
        bundle: true,
        platform: 'browser',
        format: 'esm',
        minify: true,
        metafile: true,
        write: false,
        absWorkingDir: shop,
      });
      const packages = Object.keys(metafile.inputs).map(
        (path) => /node_modules\/(@[^/]+\/)?[^/]+/.exec(path)?.[0],
      );
      expect([...new Set(packages)].filter((name) => name !== undefined).sort()).toEqual([
        'node_modules/photo-avatars',
        'node_modules/zod',
      ]);
      expect(gzipSync(outputFiles[0]?.contents ?? '').length).toBeLessThan(20_000);
    });

    it('has the type of each event, without the types of Node', async () => {
      const typed = `
      import type { PhotoAvatarEvent, RequestDetail } from 'photo-avatars/events';
      export const keysIn = (event: PhotoAvatarEvent): (string | undefined)[] =>
        event['detail-type'] === 'Photo Avatar Succeeded' ? event.detail.images.map(({ key }) => key) : [];
      export const request: RequestDetail = {
        age: 'Adult', avatar_style: 'Social', gender: 'Male', model: 'modern', aspect_ratio: 'square', correlation_id: 'c',
      };`;
      writeFileSync(join(shop, 'receiver.ts'), typed);
      const wrong = typed
        .replace("event['detail-type'] ===", '// @ts-expect-error\n$&')
        .replace("'Photo Avatar Succeeded' ?", "'Photo Avatar Done' ?");
      writeFileSync(join(shop, 'wrong-receiver.ts'), wrong);
      const options = [
        '--ignoreConfig',
        '--noEmit',
        '--strict',
        '--module',
        'nodenext',
        '--lib',
        'es2024,dom',
        '--types',
        '',
      ];
      await run(
        shop,
        process.execPath,
        inRoot('typescript/bin/tsc'),
        ...options,
        'receiver.ts',
        'wrong-receiver.ts',
      );
    });
  });
};
