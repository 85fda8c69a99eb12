import { HAIR } from './hairstyles.ts';
import { type Colour, darker, lighter, linear, mix, type Paint, solid } from './paint.ts';
import type { Pen } from './pen.ts';
import type { Person } from './person.ts';
import { rectangle } from './shapes.ts';

export type Layer = 'back' | 'front' | 'locks';

const paintOf = ({ isSoft }: Person, colour: Colour): Paint =>
  isSoft ? linear([-0.6, -1.6, 0.9, 1.6], lighter(colour, 0.16), darker(colour, 0.22)) : solid(colour);

/** A cap hides the hair above its rim. */
const UNDER_HEADWEAR = rectangle(-3, -0.8, 6, 6);

export const drawHair = (whole: Pen, person: Person, layer: Layer): void => {
  const { hair, hairstyle, isSoft, skin } = person;
  const style = HAIR[hairstyle];
  const paths = style[layer];
  if (!paths?.length) return;
  const pen = person.headwear === 'none' ? whole : whole.within(UNDER_HEADWEAR);
  const top = hairstyle === 'buzz' ? mix(hair, skin, 0.25) : hair;
  const colour = layer === 'back' ? darker(hair, isSoft ? 0.25 : 0.16) : top;
  const paint = paintOf(person, colour);
  for (const path of paths) pen.fill(paint, path);
  if (layer === 'back') return;
  const within = pen.within(...paths);
  for (const strand of style.strands ?? []) {
    within.fill(solid(isSoft ? lighter(hair, 0.3) : darker(hair, 0.3), isSoft ? 0.35 : 0.5), strand);
  }
};
