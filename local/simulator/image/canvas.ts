import type { Paint } from './paint.ts';
import type { Path } from './shapes.ts';

/** Opacity of every pixel, from 0 to 255. */
type Mask = Uint8Array;

/** Below this coverage, a pixel is not changed: sums of 32-bit floats are not exact. */
const NOTHING = 0.004;

/** Pixels of an RGB image. The loops over pixels avoid closures and arrays, so that an image takes milliseconds. */
export class Canvas {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
  /** Change of the coverage from pixel to pixel. Zero between two fills. Two columns more, for edges on the right border. */
  readonly #changes: Float32Array;
  readonly #stride: number;
  /** Coverage of one row. */
  readonly #row: Float32Array;
  /** The columns of each row that the shape touches. */
  readonly #lefts: Int32Array;
  readonly #rights: Int32Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.pixels = new Uint8Array(width * height * 3);
    this.#stride = width + 2;
    this.#changes = new Float32Array(this.#stride * height);
    this.#row = new Float32Array(width);
    this.#lefts = new Int32Array(height);
    this.#rights = new Int32Array(height);
  }

  /** Adds the outline of a shape to the rows that it touches. @returns the first of these rows, and the one after the last */
  #outline(contours: readonly Path[]): readonly [top: number, bottom: number] {
    let top = this.height;
    let bottom = 0;
    this.#lefts.fill(this.width);
    this.#rights.fill(0);
    for (const path of contours) {
      for (let at = 0; at < path.length; at += 2) {
        const y = path[at + 1] ?? 0;
        const next = at + 2 === path.length ? 0 : at + 2;
        this.#addEdge(path[at] ?? 0, y, path[next] ?? 0, path[next + 1] ?? 0);
        top = Math.min(top, y);
        bottom = Math.max(bottom, y);
      }
    }
    return [Math.max(0, Math.floor(top)), Math.min(this.height, Math.ceil(bottom))];
  }

  /**
   * Writes the exact coverage of a row's pixels, from 0 to 1, and forgets the outline: this is the anti-aliasing.
   *
   * Source: https://medium.com/@raphlinus/inside-the-fastest-font-renderer-in-the-world-75ae5270c445
   */
  #cover(y: number, from: number, to: number): Float32Array {
    const start = y * this.#stride;
    const changes = this.#changes;
    const row = this.#row;
    let sum = 0;
    for (let x = from; x < to; x += 1) {
      sum += changes[start + x] ?? 0;
      const area = sum < 0 ? -sum : sum;
      row[x] = area > 1 - NOTHING ? 1 : area;
    }
    changes.fill(0, start + from, start + to + 2);
    return row;
  }

  /** Adds an edge's share of the area to the right of it, for each row that it crosses. */
  #addEdge(fromX: number, fromY: number, toX: number, toY: number): void {
    if (fromY === toY) return;
    const isDown = fromY < toY;
    const x0 = isDown ? fromX : toX;
    const y0 = isDown ? fromY : toY;
    const y1 = isDown ? toY : fromY;
    const slope = (toX - fromX) / (toY - fromY);
    const lastY = Math.min(this.height, Math.ceil(y1));
    for (let y = Math.max(0, Math.floor(y0)); y < lastY; y += 1) {
      const enters = Math.max(y, y0);
      const leaves = Math.min(y + 1, y1);
      const one = Math.min(this.width, Math.max(0, x0 + (enters - y0) * slope));
      const other = Math.min(this.width, Math.max(0, x0 + (leaves - y0) * slope));
      const height = isDown ? leaves - enters : enters - leaves;
      this.#addSpan(y, Math.min(one, other), Math.max(one, other), height);
    }
  }

  /** Spreads the height of an edge in one row over the pixels between its left and its right end. */
  #addSpan(y: number, left: number, right: number, height: number): void {
    const changes = this.#changes;
    const first = Math.floor(left);
    const last = Math.max(first, Math.ceil(right) - 1);
    const width = right - left;
    const row = y * this.#stride;
    this.#lefts[y] = Math.min(first, this.#lefts[y] ?? 0);
    this.#rights[y] = Math.max(last + 1, this.#rights[y] ?? 0);
    let before = 0;
    for (let x = first; x <= last; x += 1) {
      // How much of the edge is left of this pixel, and of the next one. Its mean place in this pixel decides the rest.
      const began = width === 0 ? 0 : Math.max(0, (x - left) / width);
      const passed = width === 0 ? 1 : Math.min(1, (x + 1 - left) / width);
      const middle = (Math.max(left, x) + Math.min(right, x + 1)) / 2;
      const covered = height * (began + (passed - began) * (x + 1 - middle));
      changes[row + x] = (changes[row + x] ?? 0) + covered - before;
      before = covered;
    }
    changes[row + last + 1] = (changes[row + last + 1] ?? 0) + height - before;
  }

  mask(contours: readonly Path[], within?: Mask): Mask {
    const mask = new Uint8Array(this.width * this.height);
    const [top, bottom] = this.#outline(contours);
    for (let y = top; y < bottom; y += 1) {
      const [from, to] = this.#columns(y);
      const row = this.#cover(y, from, to);
      const start = y * this.width;
      for (let x = from; x < to; x += 1)
        mask[start + x] = (row[x] ?? 0) * (within === undefined ? 255 : (within[start + x] ?? 0)) + 0.5;
    }
    return mask;
  }

  /** @param paint with its points and its radius in pixels */
  fill(contours: readonly Path[], paint: Paint, within?: Mask): void {
    const { pixels, width } = this;
    const { alphas } = paint;
    const [red, green, blue] = paint.from;
    const [toRed, toGreen, toBlue] = [paint.to[0] - red, paint.to[1] - green, paint.to[2] - blue];
    const [alpha, toAlpha] = [alphas[0], alphas[1] - alphas[0]];
    const isOpaque = paint.gradient === undefined && alpha === 1 && within === undefined;
    const positions = new Float32Array(width);
    const [top, bottom] = this.#outline(contours);
    for (let y = top; y < bottom; y += 1) {
      const [from, to] = this.#columns(y);
      const row = this.#cover(y, from, to);
      locate(paint, y, from, to, positions);
      for (let x = from; x < to; x += 1) {
        const coverage = row[x] ?? 0;
        if (coverage < NOTHING) continue;
        const at = (y * width + x) * 3;
        if (isOpaque && coverage === 1) {
          pixels[at] = red;
          pixels[at + 1] = green;
          pixels[at + 2] = blue;
          continue;
        }
        const t = positions[x] ?? 0;
        const opacity = within === undefined ? coverage : (coverage * (within[y * width + x] ?? 0)) / 255;
        const share = opacity * (alpha + toAlpha * t);
        const rest = 1 - share;
        pixels[at] = (pixels[at] ?? 0) * rest + (red + toRed * t) * share + 0.5;
        pixels[at + 1] = (pixels[at + 1] ?? 0) * rest + (green + toGreen * t) * share + 0.5;
        pixels[at + 2] = (pixels[at + 2] ?? 0) * rest + (blue + toBlue * t) * share + 0.5;
      }
    }
  }

  #columns(y: number): readonly [from: number, to: number] {
    return [this.#lefts[y] ?? 0, Math.min(this.width, this.#rights[y] ?? 0)];
  }
}

/** Writes where the pixels of a row are between `from`, 0, and `to`, 1. */
const locate = ({ gradient }: Paint, y: number, from: number, to: number, positions: Float32Array): void => {
  if (gradient?.kind === 'radial') {
    const [centreX, centreY] = gradient.centre;
    const awayY = (y + 0.5 - centreY) ** 2;
    for (let x = from; x < to; x += 1)
      positions[x] = Math.min(1, Math.sqrt((x + 0.5 - centreX) ** 2 + awayY) / gradient.radius);
  } else if (gradient?.kind === 'linear') {
    const [x0, y0, x1, y1] = gradient.points;
    const square = (x1 - x0) ** 2 + (y1 - y0) ** 2;
    const start = ((0.5 - x0) * (x1 - x0) + (y + 0.5 - y0) * (y1 - y0)) / square;
    const step = (x1 - x0) / square;
    for (let x = from; x < to; x += 1) positions[x] = Math.min(1, Math.max(0, start + step * x));
  }
};
