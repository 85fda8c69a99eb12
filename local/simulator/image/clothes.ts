import { neckWidth } from './head.ts';
import type { Garment } from './looks.ts';
import { brightness, type Colour, darker, hex, lighter, linear, type Paint, solid, WHITE } from './paint.ts';
import type { Pen } from './pen.ts';
import type { Person } from './person.ts';
import { blob, ellipse, line, mirrored, type Path, ring, rounded, symmetric } from './shapes.ts';

const FLOOR = 7;

const NECK = [0, 1.75, 0.5, 1.72, 0.72, 1.92];
const SHOULDER = [1.35, 2.16, 2.1, 2.42, 2.5, 2.85, 2.72, 3.6, 2.85, 4.6, 2.9, FLOOR, 0, FLOOR];

const bodyPath = ({ isFemale, age }: Person): Path => {
  const wide = isFemale ? 0.86 : age === 'Teenager' ? 0.9 : 1;
  return symmetric([...NECK, ...SHOULDER.map((value, at) => (at % 2 ? value : value * wide))]);
};

const both = (pen: Pen, paint: Paint, path: Path): void => {
  pen.fill(paint, path);
  pen.fill(paint, mirrored(path));
};

/** Cloth with light from the left. */
const clothOf = ({ isSoft }: Person, colour: Colour): Paint =>
  isSoft ? linear([-2, 1.8, 1.8, 4.6], lighter(colour, 0.12), darker(colour, 0.3)) : solid(colour);

/** What a jacket shows: skin, a shirt or a blouse down to a point. */
const drawOpening = (body: Pen, colour: Colour, depth: number, width: number): void =>
  body.fill(solid(colour), [-width, 1.66, width, 1.66, width * 0.9, 2, 0, depth, -width * 0.9, 2]);

const drawLapels = (body: Pen, person: Person, depth: number): void => {
  const { cloth, isSoft } = person;
  const lapel = [
    0.5,
    1.6,
    0.8,
    1.85,
    1.18,
    2.5,
    0.92,
    2.62,
    1.06,
    2.8,
    0.02,
    depth + 0.35,
    0,
    depth,
    0.56,
    2.2,
  ];
  both(
    body,
    solid(darker(cloth, 0.3), 0.55),
    lapel.map((value, at) => (at % 2 ? value + 0.07 : value + 0.05)),
  );
  both(
    body,
    isSoft
      ? linear([-1, 1.8, 1, depth], lighter(cloth, 0.16), darker(cloth, 0.06))
      : solid(lighter(cloth, 0.1)),
    lapel,
  );
  body.fill(solid(darker(cloth, 0.4), 0.8), line([0.01, depth + 0.1, 0.03, depth + 1, 0.02, FLOOR], 0.035));
  body.fill(solid(darker(cloth, 0.5)), ellipse(-0.14, depth + 0.75, 0.07));
};

/** @param gap between the wings: a tie closes it */
const drawCollar = (body: Pen, person: Person, colour: Colour, gap: number): void => {
  const neck = neckWidth(person);
  const wing = [neck - 0.04, 1.46, neck + 0.07, 1.56, neck + 0.14, 1.82, 0.4 + gap, 2.36, gap, 2.04];
  both(
    body,
    solid(darker(colour, 0.3), 0.5),
    wing.map((value, at) => (at % 2 ? value + 0.05 : value)),
  );
  both(body, person.isSoft ? linear([0, 1.5, 0, 2.4], darker(colour, 0.1), colour) : solid(colour), wing);
};

const drawTie = (body: Pen, colour: Colour, isSoft: boolean): void => {
  const blade = [-0.12, 2.18, 0.12, 2.18, 0.26, 3.6, 0, 3.95, -0.26, 3.6];
  body.fill(
    isSoft ? linear([-0.2, 2, 0.3, 3.6], lighter(colour, 0.1), darker(colour, 0.25)) : solid(colour),
    blade,
  );
  const within = body.within(blade);
  for (const y of [2.5, 2.85, 3.2, 3.55])
    within.fill(solid(lighter(colour, 0.35), 0.5), line([-0.4, y + 0.16, 0.4, y - 0.16], 0.06));
  body.fill(solid(darker(colour, 0.14)), [-0.19, 1.93, 0.19, 1.93, 0.11, 2.24, -0.11, 2.24]);
};

type Draw = (body: Pen, person: Person) => void;

/** The lower part of an ellipse around the neck. What is above belongs to the neck. */
const underNeck = (y: number, width: number, height: number): Path =>
  ellipse(0, y, width, height).map((value, at) => (at % 2 ? Math.max(1.66, value) : value));

const drawNeckline = (body: Pen, { skin }: Person, colour: Colour, width: number): void => {
  const opening = underNeck(1.72, width, 0.42);
  body.fill(solid(skin), opening);
  body.fill(solid(colour), ...ring(underNeck(1.72, width + 0.09, 0.51), opening));
};

const DETAILS: Readonly<Record<Garment, Draw>> = {
  suit: (body, person) => {
    drawOpening(body, person.accent, 3.3, 0.62);
    body.fill(solid(person.skin), [-0.44, 1.66, 0.44, 1.66, 0.3, 2.1, 0, 2.5, -0.3, 2.1]);
    drawCollar(body, person, person.accent, 0.17);
    drawLapels(body, person, 3.3);
  },
  tie: (body, person) => {
    drawOpening(body, hex('#f3f5f8'), 3.4, 0.62);
    drawTie(body, person.accent, person.isSoft);
    drawCollar(body, person, WHITE, 0.04);
    drawLapels(body, person, 3.4);
  },
  blouse: (body, person) => {
    drawOpening(body, person.accent, 3.3, 0.62);
    body.fill(solid(person.skin), symmetric([0, 1.66, 0.46, 1.68, 0.42, 2.05, 0.22, 2.42, 0, 2.52]));
    drawLapels(body, person, 3.3);
  },
  tshirt: (body, person) => {
    drawNeckline(body, person, darker(person.cloth, 0.16), 0.56);
  },
  sweater: (body, person) => {
    body.fill(solid(darker(person.cloth, 0.08)), rounded(-0.64, 1.3, 1.28, 0.72, 0.28));
    for (let x = -0.5; x <= 0.5; x += 0.125)
      body.fill(solid(darker(person.cloth, 0.3), 0.4), line([x, 1.4, x * 1.06, 1.96], 0.03));
    for (const y of [2.9, 3.35, 3.8])
      body.fill(
        solid(darker(person.cloth, 0.25), 0.22),
        line([-2.6, y - 0.08, 0, y + 0.05, 2.6, y - 0.08], 0.05),
      );
  },
  hoodie: (body, person) => {
    const { cloth } = person;
    body.fill(solid(person.accent), underNeck(1.9, 0.5, 0.5));
    body.fill(solid(person.skin), underNeck(1.7, 0.48, 0.36));
    both(
      body,
      solid(darker(cloth, 0.14)),
      blob([0.4, 1.35, 0.95, 1.6, 1.1, 2.0, 0.62, 2.45, 0.02, 2.75, 0.3, 2.25, 0.52, 1.9]),
    );
    for (const side of [-1, 1]) {
      body.fill(
        solid(lighter(cloth, 0.6)),
        line([side * 0.26, 2.5, side * 0.3, 2.9, side * 0.26, 3.3], 0.05),
      );
      body.fill(solid(lighter(cloth, 0.7)), rounded(side * 0.26 - 0.035, 3.28, 0.07, 0.16, 0.03));
    }
  },
  shirt: (body, person) => {
    const { cloth } = person;
    body.fill(solid(person.skin), [-0.44, 1.66, 0.44, 1.66, 0.3, 2.1, 0, 2.6, -0.3, 2.1]);
    drawCollar(body, person, lighter(cloth, 0.14), 0.17);
    body.fill(solid(darker(cloth, 0.3), 0.6), line([0.02, 2.58, 0.02, FLOOR], 0.03));
    for (const y of [2.95, 3.5, 4.05]) body.fill(solid(lighter(cloth, 0.6)), ellipse(-0.09, y, 0.05));
  },
  jacket: (body, person) => {
    const { cloth } = person;
    body.fill(solid(person.accent), [-0.7, 1.7, 0.7, 1.7, 0.5, 2.4, 0.38, FLOOR, -0.38, FLOOR, -0.5, 2.4]);
    drawNeckline(body, person, darker(person.accent, 0.16), 0.5);
    both(body, solid(darker(cloth, 0.2)), [0.52, 1.55, 1.05, 1.8, 0.95, 2.5, 0.46, 2.3]);
    both(body, solid(darker(cloth, 0.35), 0.7), line([0.47, 2.3, 0.42, 3.4, 0.4, FLOOR], 0.05));
    both(body, solid(darker(cloth, 0.35), 0.5), line([0.9, 3.15, 1.7, 3.1], 0.04));
  },
};

export const drawClothes = (pen: Pen, person: Person): void => {
  const path = bodyPath(person);
  pen.fill(clothOf(person, person.cloth), path);
  const body = pen.within(path, rounded(-0.64, 1.3, 1.28, 0.8, 0.28));
  DETAILS[person.garment](body, person);
  const fold = solid(darker(person.cloth, brightness(person.cloth) > 0.5 ? 0.3 : 0.45), 0.3);
  both(body, fold, line([2, 3.1, 1.86, 3.9, 1.92, FLOOR], 0.07, [0, 1]));
  if (person.hasNecklace) for (const [paint, path] of necklace()) body.fill(paint, path);
};

const necklace = (): readonly (readonly [Paint, Path])[] => [
  [solid(hex('#e3c26a')), line([-0.44, 1.8, -0.25, 2.08, 0, 2.18, 0.25, 2.08, 0.44, 1.8], 0.04)],
  [solid(hex('#f2dc98')), ellipse(0, 2.24, 0.075)],
];

/** Wound around the neck, with one end in front. */
export const drawScarf = (pen: Pen, { isSoft }: Person, colour: Colour): void => {
  const end = [0.2, 2, 0.78, 2.1, 0.92, 3.7, 0.3, 3.75];
  pen.fill(solid(darker(colour, 0.14)), end);
  const tail = pen.within(end);
  for (const y of [3.1, 3.4]) tail.fill(solid(lighter(colour, 0.45), 0.7), line([0, y, 1.1, y - 0.03], 0.09));
  const wound = symmetric([0, 1.62, 0.6, 1.4, 0.92, 1.62, 0.98, 1.98, 0.6, 2.3, 0, 2.42]);
  pen.fill(
    isSoft ? linear([-0.8, 1.4, 0.8, 2.4], lighter(colour, 0.14), darker(colour, 0.2)) : solid(colour),
    wound,
  );
  const folds = pen.within(wound);
  for (const y of [1.85, 2.1])
    folds.fill(solid(darker(colour, 0.35), 0.4), line([-0.9, y - 0.2, 0, y, 0.9, y - 0.2], 0.06, [0, 0]));
};
