import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { Report } from '../report.ts';
import { variants } from '../variants.ts';

const kilobytes = (bytes: number): string => `${(bytes / 1_000).toFixed(0)} kB`;

/** How large the bundles are. */
export const bundleSize = async (): Promise<Report> => ({
  title: 'Bundle size',
  about: 'The JavaScript that is uploaded. Of plain, the AWS SDK comes on top: it is taken from the runtime.',
  rows: [
    ['variant', 'raw', 'gzip', ''],
    ...variants().map(({ name, what, code }) => {
      const text = readFileSync(code);
      return [name, kilobytes(text.length), kilobytes(gzipSync(text).length), what];
    }),
  ],
});
