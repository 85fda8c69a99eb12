import { BLACK, type Colour, darker, glow, lighter, linear, type Paint, solid } from './paint.ts';
import type { Pen } from './pen.ts';
import type { Person } from './person.ts';
import { blob, ellipse, line, ring, rounded, symmetric } from './shapes.ts';

/** Behind the head and the neck. */
export const drawHeadwearBack = (pen: Pen, { headwear, headwearColour: colour }: Person): void => {
  if (headwear === 'headscarf')
    pen.fill(solid(darker(colour, 0.25)), symmetric([0, -1.5, 1, -1.1, 1.25, 0, 1.2, 1.2, 1.3, 2.2, 0, 2.3]));
  if (headwear === 'hat') pen.fill(solid(darker(colour, 0.35)), ellipse(0, -0.72, 1.7, 0.3));
};

type DrawHeadwear = (pen: Pen, colour: Colour, paint: Paint) => void;

const HEADWEAR: Readonly<Record<Exclude<Person['headwear'], 'none'>, DrawHeadwear>> = {
  cap: (pen, colour, paint) => {
    pen.fill(paint, symmetric([0, -1.56, 0.6, -1.46, 1.02, -1.08, 1.1, -0.6, 0.6, -0.66, 0, -0.7]));
    pen.fill(
      solid(darker(colour, 0.3)),
      blob([
        -0.86, -0.66, -0.2, -0.82, 0.6, -0.8, 1.3, -0.56, 1.5, -0.42, 0.9, -0.44, 0.2, -0.56, -0.5, -0.52,
      ]),
    );
    pen.fill(solid(lighter(colour, 0.5)), ellipse(0.1, -1.1, 0.17));
    pen.fill(solid(darker(colour, 0.2)), ellipse(0, -1.56, 0.09, 0.05));
  },
  beanie: (pen, colour, paint) => {
    pen.fill(paint, symmetric([0, -1.66, 0.55, -1.58, 0.98, -1.2, 1.1, -0.6, 0, -0.62]));
    const band = rounded(-1.13, -0.92, 2.26, 0.42, 0.18);
    pen.fill(solid(darker(colour, 0.14)), band);
    for (let x = -1; x <= 1; x += 0.2)
      pen.fill(solid(darker(colour, 0.4), 0.4), line([x, -0.9, x * 1.02, -0.54], 0.035));
    pen.fill(solid(lighter(colour, 0.35)), ellipse(0, -1.72, 0.24));
  },
  hat: (pen, colour, paint) => {
    pen.fill(paint, symmetric([0, -1.7, 0.3, -1.82, 0.74, -1.72, 0.98, -0.86, 0, -0.78]));
    pen.fill(solid(darker(colour, 0.5)), symmetric([0, -1.0, 0.94, -1.1, 1, -0.86, 0, -0.74]));
    pen.fill(
      solid(darker(colour, 0.1)),
      symmetric([0, -0.86, 0.9, -0.9, 1.7, -0.82, 1.66, -0.66, 0.9, -0.62, 0, -0.56]),
    );
  },
  headscarf: (pen, colour, paint) => {
    const outer = symmetric([
      0, -1.48, 0.6, -1.38, 1.02, -0.95, 1.16, -0.1, 1.12, 0.7, 1.0, 1.35, 1.2, 1.9, 1.2, 2.3, 0.6, 2.75, 0,
      2.9,
    ]);
    const face = symmetric([
      0, -0.88, 0.5, -0.8, 0.84, -0.45, 0.9, 0.1, 0.84, 0.55, 0.62, 1.0, 0.28, 1.27, 0, 1.32,
    ]);
    pen.fill(paint, ...ring(outer, face));
    const cloth = pen.within(...ring(outer, face));
    for (const [x, y] of [
      [0.2, 1.7],
      [0.05, 2.0],
      [-0.1, 2.3],
    ] as const)
      cloth.fill(solid(darker(colour, 0.4), 0.35), line([-1.1, y - 0.5, x, y, 1.1, y - 0.4], 0.06, [0, 0]));
    cloth.fill(solid(darker(colour, 0.4), 0.3), line([-0.6, -1.25, 0.1, -1.05, 0.8, -0.75], 0.05, [0, 0]));
  },
  turban: (pen, colour, paint) => {
    const wound = symmetric([0, -1.86, 0.7, -1.74, 1.16, -1.3, 1.2, -0.75, 0.92, -0.5, 0.4, -0.74, 0, -0.92]);
    pen.fill(paint, wound);
    const folds = pen.within(wound);
    for (const shift of [0, 0.28, 0.56])
      for (const side of [-1, 1])
        folds.fill(
          solid(darker(colour, 0.4), 0.45),
          line([0, -0.95 - shift, side * 0.6, -0.85 - shift, side * 1.2, -0.6 - shift], 0.05, [0.3, 0.3]),
        );
  },
};

export const drawHeadwear = (pen: Pen, { headwear, headwearColour: colour, isSoft }: Person): void => {
  if (headwear === 'none') return;
  HEADWEAR[headwear](
    pen,
    colour,
    isSoft ? linear([-0.9, -1.6, 0.9, 1.4], lighter(colour, 0.16), darker(colour, 0.24)) : solid(colour),
  );
  if (isSoft && headwear !== 'headscarf')
    pen.fill(glow(0, -0.4, 0.9, BLACK, 0.2), ellipse(0, -0.42, 0.8, 0.16));
};
