import type { Canvas } from './canvas.ts';

/** Draws a smaller image over a larger one, as if it were out of focus: colours between pixels are mixed. */
export const enlarge = (small: Canvas, large: Canvas): void => {
  const stepX = (small.width - 1) / large.width;
  const stepY = (small.height - 1) / large.height;
  const below = small.width * 3;
  const pixel = (at: number): number => small.pixels[at] ?? 0;
  for (let y = 0; y < large.height; y += 1) {
    const row = Math.floor(y * stepY);
    const down = y * stepY - row;
    for (let x = 0; x < large.width; x += 1) {
      const column = Math.floor(x * stepX);
      const right = x * stepX - column;
      const from = (row * small.width + column) * 3;
      const to = (y * large.width + x) * 3;
      for (let channel = 0; channel < 3; channel += 1) {
        const at = from + channel;
        const upper = pixel(at) * (1 - right) + pixel(at + 3) * right;
        const lower = pixel(at + below) * (1 - right) + pixel(at + below + 3) * right;
        large.pixels[to + channel] = upper + (lower - upper) * down + 0.5;
      }
    }
  }
};
