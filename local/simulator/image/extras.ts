import { headPath } from './head.ts';
import { darker, hex, lighter, linear, mix, type Paint, solid, WHITE } from './paint.ts';
import type { Pen } from './pen.ts';
import type { Person } from './person.ts';
import { ellipse, line, type Path, ring, rounded, symmetric } from './shapes.ts';

const BEARD = symmetric([
  0, 0.68, 0.3, 0.66, 0.5, 0.72, 0.66, 0.55, 0.84, 0.2, 0.98, -0.05, 1.02, 0.4, 0.88, 0.98, 0.5, 1.42, 0,
  1.52,
]);
const MOUSTACHE = symmetric([0, 0.64, 0.2, 0.62, 0.42, 0.76, 0.5, 0.9, 0.3, 0.8, 0, 0.76]);
const GOATEE = symmetric([0, 1.0, 0.2, 1.0, 0.3, 1.12, 0.24, 1.38, 0, 1.48]);

/** Below the mouth and the nose, which are drawn after it. */
export const drawBeard = (pen: Pen, person: Person): void => {
  const { beard, hair, skin, turn, isSoft } = person;
  if (beard === 'none') return;
  const colour = mix(darker(hair, 0.08), skin, 0.06);
  const paint: Paint = isSoft
    ? linear([-0.8, 0, 0.8, 1.5], lighter(colour, 0.08), darker(colour, 0.15))
    : solid(colour);
  const front = pen.moved({ x: turn * 0.2 });
  if (beard === 'stubble') pen.within(headPath(person)).fill(solid(colour, 0.28), BEARD);
  if (beard === 'full') pen.fill(paint, BEARD);
  if (beard !== 'stubble') front.fill(solid(darker(colour, 0.1)), MOUSTACHE);
  if (beard === 'goatee') front.fill(paint, GOATEE);
};

export const drawGlasses = (pen: Pen, { glasses, turn, isSoft }: Person): void => {
  if (glasses === 'none') return;
  const frame = solid(glasses === 'sun' ? hex('#1c1c22') : hex('#2c2730'));
  const lens = (side: number, grow: number): Path => {
    const width = 0.33 * (1 - 0.12 * Math.max(0, side * turn)) + grow;
    const x = side * 0.42 + turn * 0.22;
    const height = (glasses === 'square' ? 0.25 : 0.29) + grow;
    return rounded(
      x - width,
      0.07 - height,
      2 * width,
      2 * height,
      Math.min(width, height) * (glasses === 'round' ? 0.999 : 0.55),
    );
  };
  for (const side of [-1, 1]) {
    const x = side * 0.42 + turn * 0.22;
    const inner = lens(side, 0);
    if (glasses === 'sun')
      pen.fill(linear([0, -0.3, 0, 0.4], hex('#15151c'), hex('#4a4252'), [0.96, 0.86]), inner);
    else pen.fill(solid(WHITE, 0.12), inner);
    const glass = pen.within(inner);
    glass.fill(solid(WHITE, isSoft ? 0.2 : 0.16), [
      x - 0.1,
      -0.4,
      x + 0.06,
      -0.4,
      x - 0.16,
      0.5,
      x - 0.32,
      0.5,
    ]);
    pen.fill(frame, ...ring(lens(side, 0.05), inner));
    pen.fill(frame, line([x + side * 0.34, 0, side * 1.0, -0.02], 0.06));
  }
  pen.fill(frame, line([turn * 0.24 - 0.1, 0.02, turn * 0.26, -0.02, turn * 0.24 + 0.1, 0.02], 0.055));
};

export const drawEarrings = (pen: Pen, { hasEarrings }: Person): void => {
  if (!hasEarrings) return;
  for (const side of [-1, 1]) {
    pen.fill(solid(hex('#dcb65a')), ellipse(side * 1.02, 0.5, 0.075));
    pen.fill(solid(hex('#fff3cf')), ellipse(side * 1.02 - 0.02, 0.48, 0.025, 0.025, 12));
  }
};

export const drawHeadphones = (pen: Pen, person: Person): void => {
  if (!person.hasHeadphones) return;
  pen.fill(
    solid(hex('#2d2f38')),
    ...ring(ellipse(0, -0.1, 1.22, 1.5), ellipse(0, -0.06, 1.1, 1.38)).map((path) =>
      path.map((value, at) => (at % 2 ? Math.min(0, value) : value)),
    ),
  );
  for (const side of [-1, 1]) {
    pen.fill(solid(hex('#2d2f38')), rounded(side * 1.12 - 0.2, -0.25, 0.4, 0.75, 0.18));
    pen.fill(solid(person.accent), rounded(side * 1.2 - 0.1, -0.12, 0.2, 0.5, 0.1));
  }
};
