import { drawSkinDetails } from './face.ts';
import { brightness, darker, glow, hex, linear, mix, skinLight, skinShadow, solid } from './paint.ts';
import type { Pen } from './pen.ts';
import type { Person } from './person.ts';
import { blob, ellipse, line, type Path, rectangle, symmetric } from './shapes.ts';

/**
 * A head is drawn around (0, 0) between its ears, which are at x = -1 and 1; y grows downwards. A person who looks to a
 * side has the features shifted to it, those in front more than those behind.
 */
export const headPath = ({ isFemale, age }: Person): Path => {
  const top = [0, -1.3, 0.56, -1.18, 0.93, -0.7, 1, -0.1];
  if (age === 'Teenager') return symmetric([...top, 0.96, 0.42, 0.74, 0.92, 0.36, 1.22, 0, 1.28]);
  if (isFemale) return symmetric([...top, 0.94, 0.45, 0.7, 0.97, 0.31, 1.29, 0, 1.35]);
  return symmetric([...top, 0.97, 0.5, 0.8, 1, 0.42, 1.33, 0, 1.4]);
};

export const neckWidth = ({ isFemale, age }: Person): number =>
  isFemale ? 0.43 : age === 'Teenager' ? 0.47 : 0.56;

export const drawNeck = (pen: Pen, person: Person): void => {
  const { skin, isSoft, age } = person;
  const width = neckWidth(person);
  const neck = symmetric([0, 0.6, width, 0.7, width, 1.5, width + 0.12, 1.95, 1.1, 2.25, 0.9, 3.6, 0, 3.9]);
  pen.fill(solid(skin), neck);
  const shadow = symmetric([0, 0.6, 0.8, 0.7, 0.75, 1.3, 0.34, 1.62, 0, 1.7]);
  const within = pen.within(neck);
  const dark = skinShadow(skin);
  if (isSoft) within.fill(linear([0, 1.2, 0, 1.75], dark, dark, [0.85, 0]), rectangle(-2, 0.5, 4, 1.4));
  else within.fill(solid(dark, 0.75), shadow);
  if (age === 'Elderly')
    for (const y of [1.75, 1.92])
      within.moved({ y }).fill(solid(dark, 0.4), line([-0.4, 0, 0, 0.06, 0.38, 0], 0.035, [0, 0]));
};

const drawEar = (pen: Pen, { skin, isSoft }: Person): void => {
  pen.fill(
    isSoft ? linear([0, -0.3, 0, 0.4], skin, darker(skin, 0.12)) : solid(skin),
    ellipse(0, 0, 0.17, 0.29),
  );
  pen.fill(solid(skinShadow(skin), 0.55), ellipse(0.03, 0.01, 0.08, 0.17));
};

/** The head without hair and what is worn. */
export const drawHead = (pen: Pen, person: Person): void => {
  const { skin, isSoft, turn } = person;
  for (const side of person.headwear === 'headscarf' ? [] : [-1, 1])
    drawEar(pen.moved({ x: side - 0.05 * turn, y: 0.12, stretch: side }), person);
  const path = headPath(person);
  pen.fill(
    isSoft ? linear([-0.7, -1, 0.9, 1.3], mix(skin, skinLight(skin), 0.3), darker(skin, 0.1)) : solid(skin),
    path,
  );
  const face = pen.within(path);
  if (isSoft) {
    face.fill(glow(-0.3, -0.5, 1.3, skinLight(skin), 0.55), ellipse(-0.3, -0.5, 1.3));
    face.fill(glow(1.15, 0.9, 1.1, skinShadow(skin), 0.55), ellipse(1.15, 0.9, 1.1));
    face.fill(glow(turn * 0.25, 0.42, 0.28, skinLight(skin), 0.5), ellipse(turn * 0.25, 0.42, 0.28));
  } else {
    face.fill(
      solid(skinShadow(skin), 0.25),
      blob([1.2, -1, 0.86, -0.2, 0.84, 0.5, 0.5, 1.1, 0.1, 1.5, 1.3, 1.5]),
    );
  }
  const blush = mix(skin, hex('#d2452f'), 0.2 + 0.4 * brightness(skin));
  for (const x of [-0.56 + turn * 0.16, 0.56 + turn * 0.16]) {
    if (isSoft) face.fill(glow(x, 0.46, 0.36, blush, 0.5), ellipse(x, 0.46, 0.36));
    else face.fill(solid(blush, 0.28), ellipse(x, 0.46, 0.2, 0.14));
  }
  drawSkinDetails(face, person);
};
