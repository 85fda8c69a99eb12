import {
  BLACK,
  brightness,
  type Colour,
  darker,
  glow,
  hex,
  lighter,
  linear,
  mix,
  skinShadow,
  solid,
  WHITE,
} from './paint.ts';
import type { Pen } from './pen.ts';
import type { Person } from './person.ts';
import { blob, ellipse, line, symmetric } from './shapes.ts';

/** What is in the skin, below a beard: freckles, wrinkles and the nose. */
export const drawSkinDetails = (face: Pen, person: Person): void => {
  const front = face.moved({ x: person.turn * 0.2 });
  if (person.hasFreckles) drawFreckles(front, person);
  if (person.age === 'Elderly') drawWrinkles(front, person);
  drawNose(face, person);
};

const FRECKLES = [
  -0.62, 0.4, -0.5, 0.5, -0.4, 0.38, -0.3, 0.5, -0.12, 0.3, 0.1, 0.34, 0.3, 0.48, 0.42, 0.38, 0.54, 0.5, 0.64,
  0.4,
];

const drawFreckles = (face: Pen, { skin }: Person): void => {
  for (let at = 0; at < FRECKLES.length; at += 2) {
    const spot = face.moved({ x: FRECKLES[at] ?? 0, y: FRECKLES[at + 1] ?? 0 });
    spot.fill(solid(mix(skin, hex('#8a4a24'), 0.6), 0.7), ellipse(0, 0, 0.026, 0.026, 10));
  }
};

const drawWrinkles = (face: Pen, { skin }: Person): void => {
  const paint = solid(skinShadow(skin), 0.55);
  for (const side of [-1, 1]) {
    const half = face.moved({ stretch: side });
    half.fill(paint, line([0.24, 0.5, 0.36, 0.68, 0.42, 0.9], 0.045, [0, 0]));
    half.fill(paint, line([0.26, 0.28, 0.44, 0.34, 0.6, 0.27], 0.035, [0, 0]));
    half.fill(paint, line([0.7, 0.04, 0.78, -0.02, 0.84, -0.06], 0.03, [0, 0]));
    half.fill(paint, line([0.7, 0.1, 0.78, 0.1, 0.84, 0.06], 0.03, [0, 0]));
  }
  for (const y of [-0.62, -0.76])
    face.moved({ y }).fill(paint, line([-0.42, 0.02, 0, -0.02, 0.42, 0.02], 0.03, [0, 0]));
};

const drawNose = (face: Pen, { skin, turn, isFemale }: Person): void => {
  const nose = face.moved({ x: turn * 0.32, stretch: isFemale ? 1 : 1.2 });
  const shadow = skinShadow(skin);
  // The side that looks away from the viewer is in the shadow.
  const bridge = nose.moved({ stretch: turn < 0 ? 1 : -1 });
  bridge.fill(
    solid(shadow, 0.4),
    line([0.1 + Math.abs(turn) * 0.12, 0, 0.09, 0.25, 0.13, 0.46], 0.045, [0, 0.6]),
  );
  nose.fill(
    solid(shadow, 0.9),
    line([-0.13, 0.47, -0.07, 0.53, 0, 0.55, 0.07, 0.53, 0.13, 0.47], 0.055, [0.2, 0.2]),
  );
};

/** Eyes, brows and mouth: what a beard does not cover. */
export const drawFeatures = (pen: Pen, person: Person): void => {
  for (const side of [-1, 1]) {
    // The eye on the far side is narrower.
    const stretch = side * (1 - 0.14 * Math.max(0, side * person.turn)) * (person.isFemale ? 1.05 : 1);
    const eye = pen.moved({ x: side * 0.41 + person.turn * 0.2, y: 0.06, stretch });
    drawEye(eye, person, side * person.turn * 0.04);
    drawBrow(eye, person);
  }
  drawMouth(pen.moved({ x: person.turn * 0.22, y: person.age === 'Teenager' ? 0.8 : 0.84 }), person);
};

const OPEN_EYE = blob([-0.2, 0.03, -0.08, -0.105, 0.06, -0.125, 0.2, -0.01, 0.08, 0.09, -0.08, 0.09]);
const LAUGHING_EYE = blob([-0.2, 0.03, -0.08, -0.095, 0.06, -0.11, 0.2, -0.01, 0.08, 0.06, -0.08, 0.06]);
const LID = [-0.2, 0.03, -0.08, -0.108, 0.07, -0.124, 0.2, -0.01];
const LASHES = [-0.2, 0.03, -0.08, -0.108, 0.07, -0.124, 0.25, -0.06];

/** @param look how far the iris is moved to the outer corner */
const drawEye = (pen: Pen, { eyes, skin, isFemale, isSoft, mouth }: Person, look: number): void => {
  const shape = mouth === 'laugh' ? LAUGHING_EYE : OPEN_EYE;
  const dark = mix(BLACK, skin, 0.16);
  pen.fill(solid(mix(WHITE, skin, 0.08)), shape);
  const eye = pen.within(shape);
  eye.fill(solid(darker(eyes, 0.45)), ellipse(look, -0.012, 0.118));
  const iris = linear([0, -0.1, 0, 0.1], darker(eyes, 0.25), lighter(eyes, 0.25));
  eye.fill(isSoft ? iris : solid(eyes), ellipse(look, -0.012, 0.096));
  eye.fill(solid(dark), ellipse(look, -0.012, 0.052));
  if (isSoft) eye.fill(linear([0, -0.125, 0, 0], BLACK, BLACK, [0.3, 0]), ellipse(0, -0.05, 0.3, 0.12));
  pen.fill(solid(WHITE, 0.95), ellipse(look - 0.04, -0.05, 0.03, 0.03, 16));
  if (isFemale) pen.fill(solid(dark, 0.95), line(LASHES, 0.068, [0.2, 0.4]));
  else pen.fill(solid(dark, 0.95), line(LID, 0.05, [0.3, 0.3]));
  pen.fill(solid(skinShadow(skin), 0.5), line([-0.2, -0.1, 0, -0.215, 0.2, -0.13], 0.028, [0, 0]));
};

const drawBrow = (eye: Pen, { hair, skin, isFemale, age, mouth }: Person): void => {
  const pen = eye.moved({ y: mouth === 'calm' ? -0.32 : -0.35 });
  const colour = mix(
    brightness(hair) > 0.3 ? darker(hair, 0.35) : hair,
    skin,
    age === 'Elderly' ? 0.25 : 0.08,
  );
  pen.fill(
    solid(colour, 0.95),
    line([-0.22, 0, 0.06, -0.07, 0.26, 0.06], isFemale ? 0.085 : 0.115, [0.6, 0.1]),
  );
};

const drawMouth = (pen: Pen, person: Person): void => {
  const { mouth, lips, skin, isFemale, isSoft } = person;
  const shadow = skinShadow(skin);
  if (isSoft) pen.fill(glow(0, 0.2, 0.2, shadow, 0.6), ellipse(0, 0.215, 0.2, 0.12));
  else pen.fill(solid(shadow, 0.35), ellipse(0, 0.215, 0.13, 0.025));
  const dark = mix(darker(lips, 0.45), hex('#5a1620'), 0.5);
  if (mouth === 'laugh') {
    drawLaugh(pen, lips, dark);
    return;
  }
  // A calm mouth is a smile that is narrower and flatter.
  const smile = mouth === 'smile' ? pen : pen.moved({ stretch: 0.82 });
  const lift = mouth === 'smile' ? 0.075 : 0.02;
  const full = isFemale ? 1 : 0.62;
  smile.fill(
    solid(darker(lips, 0.1)),
    symmetric([0, -0.05 * full, 0.1, -0.075 * full - 0.01, 0.34, -lift, 0.12, 0.045, 0, 0.05]),
  );
  smile.fill(
    solid(lighter(lips, isSoft ? 0.12 : 0.05)),
    symmetric([0, 0.025, 0.29, -lift / 2, 0.16, 0.08 + 0.06 * full, 0, 0.1 + 0.07 * full]),
  );
  const corner = -lift - 0.015;
  smile.fill(
    solid(dark, 0.9),
    line([-0.36, corner, -0.14, 0.012, 0, 0.03, 0.14, 0.012, 0.36, corner], 0.042, [0.3, 0.3]),
  );
};

const LAUGHING_LIPS = symmetric([0, -0.1, 0.14, -0.125, 0.4, -0.09, 0.25, 0.15, 0, 0.225]);
const LAUGHING_MOUTH = symmetric([0, -0.06, 0.18, -0.075, 0.36, -0.08, 0.22, 0.12, 0, 0.18]);
const TEETH = blob([-0.4, -0.12, 0.4, -0.12, 0.3, 0.035, 0, 0.055, -0.3, 0.035]);

const drawLaugh = (pen: Pen, lips: Colour, dark: Colour): void => {
  pen.fill(solid(lips), LAUGHING_LIPS);
  pen.fill(solid(dark), LAUGHING_MOUTH);
  const inside = pen.within(LAUGHING_MOUTH);
  inside.fill(solid(hex('#c9505a')), ellipse(0, 0.2, 0.18, 0.1));
  inside.fill(solid(hex('#fbf8f2')), TEETH);
};
