import { crc32, inflateSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { drawImage } from '../../../local/simulator/image.ts';

it('an image is a PNG with valid chunks and all its pixels', () => {
  const png = drawImage('25-abc-1');
  expect(png.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const typed = png.subarray(at + 4, at + 8 + length);
    expect(png.readUInt32BE(at + 8 + length)).toBe(crc32(typed));
    chunks.set(typed.toString('latin1', 0, 4), typed.subarray(4));
    at += 12 + length;
  }
  expect([...chunks.keys()]).toEqual(['IHDR', 'IDAT', 'IEND']);
  const header = chunks.get('IHDR') ?? Buffer.alloc(0);
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  expect(inflateSync(chunks.get('IDAT') ?? Buffer.alloc(0))).toHaveLength(height * (1 + 3 * width));
});
