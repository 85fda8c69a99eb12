import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { loadAssets } from '../../../page/server/assets.ts';

it('keeps the whole page below 50 kB, compressed', async () => {
  const sizes = [...(await loadAssets()).values()].map(({ content }) => gzipSync(content).byteLength);
  expect(sizes).toHaveLength(4);
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(50_000);
});
