import { constants, crc32, deflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const CHANNELS = 3;

/** Filter types of a row: the pixels, the difference to the left pixel, and to the pixel above. */
const NONE = 0;
const SUB = 1;
const UP = 2;

const chunk = (type: string, data: Buffer): Buffer => {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(typed.length + 8);
  frame.writeUInt32BE(data.length, 0);
  typed.copy(frame, 4);
  frame.writeUInt32BE(crc32(typed), typed.length + 4);
  return frame;
};

/** Rows with their filter. Differences of soft gradients are small and repeat, so that they compress well. */
const filtered = (width: number, height: number, pixels: Uint8Array): Buffer => {
  const stride = width * CHANNELS;
  const rows = Buffer.alloc((stride + 1) * height);
  for (let y = 0; y < height; y += 1) {
    const from = y * stride;
    const to = y * (stride + 1) + 1;
    const back = y === 0 ? CHANNELS : stride;
    rows[to - 1] = y === 0 ? SUB : UP;
    for (let at = 0; at < stride; at += 1) {
      const before = y === 0 && at < CHANNELS ? 0 : (pixels[from + at - back] ?? 0);
      rows[to + at] = (pixels[from + at] ?? 0) - before;
    }
  }
  return rows;
};

/** Rows as they are: text and flat colours repeat without a filter, and compress better. */
const unfiltered = (width: number, height: number, pixels: Uint8Array): Buffer => {
  const stride = width * CHANNELS;
  const rows = Array.from({ length: height }, (_, y) => pixels.subarray(y * stride, (y + 1) * stride));
  return Buffer.concat(rows.flatMap((row) => [Uint8Array.of(NONE), row]));
};

interface PngOptions {
  /** Flat colours and text, as on a screen, that are worth the time for the best compression. */
  readonly isScreen?: boolean;
}

/** @param pixels RGB, 8 bits per channel */
export const encodePng = (
  width: number,
  height: number,
  pixels: Uint8Array,
  { isScreen = false }: PngOptions = {},
): Buffer => {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8); // 8 bits per channel, RGB, default compression, filter and interlace methods
  const rows = isScreen ? unfiltered : filtered;
  const data = deflateSync(rows(width, height, pixels), {
    level: isScreen ? 9 : 4,
    strategy: constants.Z_DEFAULT_STRATEGY,
  });
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ]);
};
