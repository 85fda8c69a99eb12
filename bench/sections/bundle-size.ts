import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { Report } from '../report.ts';
import { variants } from '../variants.ts';

const kilobytes = (bytes: number): string => `${(bytes / 1_000).toFixed(0)} kB`;

export const bundleSize = async (): Promise<Report> => ({
  title: 'Bundle size',
  method: 'The uploaded JavaScript. The bundle of plain excludes the AWS SDK, which the runtime provides.',
  rows: [
    ['variant', 'raw', 'gzip', 'description'],
    ...variants().map(({ name, description, code }) => {
      const text = readFileSync(code);
      return [name, kilobytes(text.length), kilobytes(gzipSync(text).length), description];
    }),
  ],
});
