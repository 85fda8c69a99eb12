import { createHash } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const SIZE = 64;

const chunk = (type: string, data: Buffer): Buffer => {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(typed.length + 8);
  frame.writeUInt32BE(data.length, 0);
  typed.copy(frame, 4);
  frame.writeUInt32BE(crc32(typed), typed.length + 4);
  return frame;
};

/** Draws a PNG of 64 by 64 RGB pixels: a gradient whose colour depends on the key. */
export const drawImage = (key: string): Buffer => {
  const [red = 0, green = 0, blue = 0] = createHash('sha256').update(key).digest();
  const header = Buffer.alloc(13);
  header.writeUInt32BE(SIZE, 0);
  header.writeUInt32BE(SIZE, 4);
  header.set([8, 2, 0, 0, 0], 8); // 8 bits per channel, RGB, default compression, filter and interlace methods
  const rows = Array.from({ length: SIZE }, (_, y) => {
    const light = 0.5 + y / (2 * SIZE);
    const pixel = [red * light, green * light, blue * light];
    return Buffer.from([0, ...Array.from({ length: SIZE }, () => pixel).flat()]);
  });
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
};
