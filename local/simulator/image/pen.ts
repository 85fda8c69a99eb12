import type { Canvas } from './canvas.ts';
import type { Paint } from './paint.ts';
import type { Path } from './shapes.ts';

/** x' = a·x + c·y + e, y' = b·x + d·y + f */
type Matrix = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

export interface Move {
  readonly x?: number;
  readonly y?: number;
  readonly scale?: number;
  /** Radians, clockwise. */
  readonly turn?: number;
  /** Of the width. A negative one mirrors. */
  readonly stretch?: number;
}

/** Fills shapes in coordinates of its own: a face does not know where it is in the image, and how large. */
export class Pen {
  readonly #canvas: Canvas;
  readonly #matrix: Matrix;
  readonly #within: Uint8Array | undefined;

  constructor(canvas: Canvas, matrix: Matrix = [1, 0, 0, 1, 0, 0], within?: Uint8Array) {
    this.#canvas = canvas;
    this.#matrix = matrix;
    this.#within = within;
  }

  /** A pen whose origin is at (x, y), and whose shapes are stretched, scaled and turned around it. */
  moved({ x = 0, y = 0, scale = 1, turn = 0, stretch = 1 }: Move): Pen {
    const [a, b, c, d, e, f] = this.#matrix;
    const [cos, sin] = [Math.cos(turn) * scale, Math.sin(turn) * scale];
    const matrix: Matrix = [
      (a * cos + c * sin) * stretch,
      (b * cos + d * sin) * stretch,
      c * cos - a * sin,
      d * cos - b * sin,
      e + a * x + c * y,
      f + b * x + d * y,
    ];
    return new Pen(this.#canvas, matrix, this.#within);
  }

  /** A pen that fills only what is inside of the shape. */
  within(...contours: readonly Path[]): Pen {
    const mask = this.#canvas.mask(contours.map(this.#path), this.#within);
    return new Pen(this.#canvas, this.#matrix, mask);
  }

  fill(paint: Paint, ...contours: readonly Path[]): void {
    this.#canvas.fill(contours.map(this.#path), this.#paint(paint), this.#within);
  }

  readonly #path = (path: Path): Path => {
    const [a, b, c, d, e, f] = this.#matrix;
    const moved = new Array<number>(path.length);
    for (let at = 0; at < path.length; at += 2) {
      const [x = 0, y = 0] = [path[at], path[at + 1]];
      moved[at] = a * x + c * y + e;
      moved[at + 1] = b * x + d * y + f;
    }
    return moved;
  };

  #paint(paint: Paint): Paint {
    const { gradient } = paint;
    if (gradient === undefined) return paint;
    if (gradient.kind === 'linear') {
      const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = this.#path(gradient.points);
      return { ...paint, gradient: { kind: 'linear', points: [x0, y0, x1, y1] } };
    }
    const [x = 0, y = 0] = this.#path(gradient.centre);
    const [, , c, d] = this.#matrix;
    return {
      ...paint,
      gradient: { kind: 'radial', centre: [x, y], radius: gradient.radius * Math.hypot(c, d) },
    };
  }
}
