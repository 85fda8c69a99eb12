import { describe, expect, it } from 'vitest';
import { Canvas } from '../../../../local/simulator/image/canvas.ts';
import { glow, linear, solid, WHITE } from '../../../../local/simulator/image/paint.ts';
import { Pen } from '../../../../local/simulator/image/pen.ts';
import { encodePng } from '../../../../local/simulator/image/png.ts';
import { ellipse, rectangle, ring } from '../../../../local/simulator/image/shapes.ts';
import { readPng } from '../../../support/png.ts';

/** The red channel of each row. */
const rows = ({ width, height, pixels }: Canvas) =>
  Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => pixels[(y * width + x) * 3] ?? -1),
  );

const filled = (width: number, height: number, fill: (pen: Pen) => void) => {
  const canvas = new Canvas(width, height);
  fill(new Pen(canvas));
  return rows(canvas);
};

describe('a filled shape', () => {
  it('covers a pixel as much as its area does', () => {
    expect(filled(4, 3, (pen) => pen.fill(solid(WHITE), rectangle(0.5, 0.5, 2.25, 2)))).toEqual([
      [64, 128, 96, 0],
      [128, 255, 191, 0],
      [64, 128, 96, 0],
    ]);
    // A triangle covers half of the pixels on its longest side.
    expect(filled(2, 2, (pen) => pen.fill(solid(WHITE), [0, 0, 2, 2, 0, 2]))).toEqual([
      [128, 0],
      [255, 128],
    ]);
  });

  it('may be partly or wholly outside of the image', () => {
    expect(filled(2, 2, (pen) => pen.fill(solid(WHITE), rectangle(-5, -5, 6, 20)))).toEqual([
      [255, 0],
      [255, 0],
    ]);
    const outside = [
      rectangle(5, 0, 3, 2),
      rectangle(-9, 0, 3, 2),
      rectangle(0, -9, 2, 3),
      rectangle(0, 5, 2, 3),
    ];
    expect(filled(2, 2, (pen) => outside.map((path) => pen.fill(solid(WHITE), path)))).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  it('leaves no trace in the next one', () => {
    const alone = filled(9, 9, (pen) => pen.fill(solid([9, 9, 9]), ellipse(4, 4, 3.3)));
    const second = filled(9, 9, (pen) => {
      pen.fill(solid([0, 0, 0]), ellipse(7, 5, 6.1), rectangle(-1, 3.2, 20, 0.3));
      pen.fill(solid([9, 9, 9]), ellipse(4, 4, 3.3));
    });
    expect(second).toEqual(alone);
  });

  it('has a hole where a ring has one', () => {
    const paths = ring(rectangle(0, 0, 3, 3), rectangle(1, 1, 1, 1));
    expect(filled(3, 3, (pen) => pen.fill(solid(WHITE), ...paths))[1]).toEqual([255, 0, 255]);
  });

  it('has the colours of its gradient', () => {
    const paint = linear([0, 0, 4, 0], [0, 0, 0], [200, 0, 0]);
    expect(filled(4, 1, (pen) => pen.fill(paint, rectangle(0, 0, 4, 1)))).toEqual([[25, 75, 125, 175]]);
    const spot = filled(5, 1, (pen) => pen.fill(glow(2.5, 0.5, 2, [200, 0, 0], 1), rectangle(0, 0, 5, 1)));
    expect(spot).toEqual([[0, 100, 200, 100, 0]]);
  });
});

describe('a pen', () => {
  it('moves, scales, turns and mirrors what it fills', () => {
    const shape = rectangle(0, 0, 2, 1);
    const at = (move: Parameters<Pen['moved']>[0]) =>
      filled(4, 4, (pen) => pen.moved(move).fill(solid(WHITE), shape))
        .map((row) => row.map((value) => (value > 127 ? '#' : '.')).join(''))
        .join(' ');
    expect(at({ x: 1, y: 1 })).toBe('.... .##. .... ....');
    expect(at({ scale: 2 })).toBe('#### #### .... ....');
    expect(at({ x: 2, y: 1, turn: Math.PI / 2 })).toBe('.... .#.. .#.. ....');
    expect(at({ x: 2, stretch: -1 })).toBe('##.. .... .... ....');
  });

  it('fills only within its shape', () => {
    const inner = filled(3, 1, (pen) =>
      pen
        .within(rectangle(0.5, 0, 1.5, 1))
        .within(rectangle(0, 0, 2, 1))
        .fill(solid(WHITE), rectangle(0, 0, 3, 1)),
    );
    expect(inner).toEqual([[128, 255, 0]]);
  });
});

describe('a PNG', () => {
  it('has the pixels that were encoded', () => {
    const pixels = Uint8Array.from({ length: 7 * 5 * 3 }, (_, at) => (at * 89) % 256);
    expect(readPng(encodePng(7, 5, pixels))).toEqual({ width: 7, height: 5, pixels });
  });
});
