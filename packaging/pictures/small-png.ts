import type { Page } from 'playwright-core';
import { encodePng } from '../../local/simulator/image/png.ts';

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** RGBA, in base64. */
  readonly data: string;
}

/** Runs in a browser, which reads the picture. */
const readPixels = (url: string): string => `(async () => {
  const bitmap = await createImageBitmap(await (await fetch(${JSON.stringify(url)})).blob());
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d');
  context.drawImage(bitmap, 0, 0);
  return { width, height, data: new Uint8Array(context.getImageData(0, 0, width, height).data.buffer).toBase64() };
})()`;

/**
 * The same picture in fewer bytes: Chromium compresses for speed.
 *
 * @param blank a page without a content security policy
 */
export const smallPng = async (picture: Buffer, blank: Page): Promise<Buffer> => {
  const url = `data:image/png;base64,${picture.toString('base64')}`;
  const { width, height, data } = await blank.evaluate<Pixels>(readPixels(url));
  const rgba = Buffer.from(data, 'base64');
  const rgb = Buffer.alloc(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel += 1) rgba.copy(rgb, pixel * 3, pixel * 4, pixel * 4 + 3);
  return encodePng(width, height, rgb, { isScreen: true });
};
