import { BACKDROP_COLOURS, drawBackdrop, isPlace } from './backdrop.ts';
import { Canvas } from './canvas.ts';
import { drawClothes, drawScarf } from './clothes.ts';
import { enlarge } from './enlarge.ts';
import { drawBeard, drawEarrings, drawGlasses, drawHeadphones } from './extras.ts';
import { drawFeatures } from './face.ts';
import { drawHair } from './hair.ts';
import { drawHead, drawNeck } from './head.ts';
import { drawHeadwear, drawHeadwearBack } from './headwear.ts';
import { Pen } from './pen.ts';
import { createPerson, type Parameters, type Person } from './person.ts';
import { encodePng } from './png.ts';
import { createRandom } from './random.ts';
import { readWords } from './words.ts';

const SIZES: Readonly<Record<string, readonly [width: number, height: number]>> = {
  portrait: [480, 640],
  landscape: [640, 480],
  square: [544, 544],
};

/** A backdrop out of focus is drawn this much smaller, and enlarged. */
const FOCUS = 4;

const drawPerson = (pen: Pen, person: Person): void => {
  // Turned around the neck.
  const head = pen.moved({ y: 1.3, turn: person.tilt }).moved({ y: -1.3 });
  drawHeadwearBack(head, person);
  if (person.headwear !== 'headscarf') drawHair(head, person, 'back');
  drawNeck(pen, person);
  drawClothes(pen, person);
  drawHead(head, person);
  drawBeard(head, person);
  drawFeatures(head, person);
  const isCovered = person.headwear === 'headscarf' || person.headwear === 'turban';
  if (!isCovered) {
    drawEarrings(head, person);
    drawHair(head, person, 'front');
    drawHair(head, person, 'locks');
    drawHeadphones(head, person);
  }
  if (person.scarf) drawScarf(pen, person, person.scarf);
  drawGlasses(head, person);
  drawHeadwear(head, person);
};

/**
 * Draws an avatar that fits a request.
 *
 * @param index of the picture, from 0
 * @param scale part of the full width and height
 * @returns a PNG, the same for the same arguments
 */
export const drawPortrait = (parameters: Parameters, photoId: string, index: number, scale = 1): Buffer => {
  const [fullWidth, fullHeight] = SIZES[parameters.aspect_ratio ?? ''] ?? [544, 544];
  const [width, height] = [fullWidth * scale, fullHeight * scale];
  const canvas = new Canvas(width, height);
  const person = createPerson(parameters, photoId, index);
  const words = readWords(parameters.background);
  const random = createRandom(`${photoId}-${index}-backdrop`);
  const start = Math.floor(createRandom(`${photoId}-colours`).number() * BACKDROP_COLOURS.length);
  const colour = words.anyColour() ??
    BACKDROP_COLOURS[(start + index * 3) % BACKDROP_COLOURS.length] ?? [160, 170, 180];
  // Soft pictures have a small depth of field.
  const backdrop = person.isSoft && isPlace(words) ? new Canvas(width / FOCUS, height / FOCUS) : canvas;
  const place = {
    pen: new Pen(backdrop).moved({ scale: backdrop.height }),
    width: width / height,
    random,
    colour,
    isNight: words.has('night', 'evening', 'midnight'),
    isSunset: words.has('sunset', 'sunrise', 'dusk', 'dawn'),
  };
  drawBackdrop(place, words);
  if (backdrop !== canvas) enlarge(backdrop, canvas);
  const size = Math.min(width, height) * random.between(0.178, 0.2);
  const pen = new Pen(canvas).moved({
    x: width * random.between(0.47, 0.53),
    y: height * 0.43,
    scale: size,
    stretch: person.isMirrored ? -1 : 1,
  });
  drawPerson(pen, person);
  return encodePng(width, height, canvas.pixels);
};
