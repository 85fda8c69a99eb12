import { crc32, inflateSync } from 'node:zlib';

/** Filter types of PNG rows that the simulator writes. */
const SUB = 1;
const UP = 2;

/** Decodes an RGB image. @throws Error if it is no PNG, a checksum is wrong, or pixels are missing */
export const readPng = (png: Buffer): { width: number; height: number; pixels: Uint8Array } => {
  if (png.toString('latin1', 0, 8) !== '\x89PNG\r\n\x1a\n') throw new Error('not a PNG');
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const typed = png.subarray(at + 4, at + 8 + length);
    if (png.readUInt32BE(at + 8 + length) !== crc32(typed)) throw new Error('wrong checksum');
    chunks.set(typed.toString('latin1', 0, 4), typed.subarray(4));
    at += 12 + length;
  }
  if ([...chunks.keys()].join() !== 'IHDR,IDAT,IEND') throw new Error('other chunks');
  const header = chunks.get('IHDR') ?? Buffer.alloc(0);
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const rows = inflateSync(chunks.get('IDAT') ?? Buffer.alloc(0));
  const stride = width * 3;
  if (rows.length !== height * (stride + 1)) throw new Error('missing pixels');
  const pixels = new Uint8Array(height * stride);
  for (let y = 0; y < height; y += 1) {
    const filter = rows[y * (stride + 1)];
    if (filter !== SUB && filter !== UP) throw new Error(`another filter: ${filter}`);
    for (let x = 0; x < stride; x += 1) {
      const at = y * stride + x;
      const before = filter === UP ? pixels[at - stride] : x < 3 ? 0 : pixels[at - 3];
      pixels[at] = (rows[y * (stride + 1) + 1 + x] ?? 0) + (before ?? 0);
    }
  }
  return { width, height, pixels };
};
