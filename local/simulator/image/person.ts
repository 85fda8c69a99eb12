import * as looks from './looks.ts';
import { type Colour, darker, hex, mix } from './paint.ts';
import { createRandom, type Random } from './random.ts';
import { readWords } from './words.ts';

/** The parameters of a request, with JoggAI's names and values. */
export type Parameters = Readonly<Record<string, string | undefined>>;

/** Everything that a picture shows of a person. */
export interface Person {
  readonly isFemale: boolean;
  readonly age: (typeof AGES)[number];
  /** Soft light and shadows instead of flat colours. */
  readonly isSoft: boolean;
  readonly skin: Colour;
  readonly hair: Colour;
  readonly eyes: Colour;
  readonly lips: Colour;
  readonly hairstyle: looks.Hairstyle;
  readonly beard: looks.Beard;
  readonly glasses: looks.Glasses;
  readonly headwear: looks.Headwear;
  readonly headwearColour: Colour;
  readonly scarf: Colour | undefined;
  readonly hasEarrings: boolean;
  readonly hasNecklace: boolean;
  readonly hasFreckles: boolean;
  readonly hasHeadphones: boolean;
  readonly garment: looks.Garment;
  readonly cloth: Colour;
  /** Of a tie, or of what is under a jacket. */
  readonly accent: Colour;
  readonly mouth: 'smile' | 'laugh' | 'calm';
  /** The head looks to a side: from -1 to 1. */
  readonly turn: number;
  /** The head leans to a shoulder, in radians. */
  readonly tilt: number;
  readonly isMirrored: boolean;
}

const AGES = ['Teenager', 'Young adult', 'Adult', 'Elderly'] as const;

const SKINS = ['#f7d9c4', '#efc7a8', '#e3b18c', '#d09a70', '#b57c52', '#92603d', '#704630', '#533327'].map(
  hex,
);
const HAIRS = ['#d3aa67', '#a8763f', '#a8452a', '#6b452c', '#4a3022', '#2f231f', '#1f1b1e'].map(hex);
const GREYS = ['#e4e2de', '#c9c9cc', '#a9a8aa', '#8d8b8e'].map(hex);
const EYES = ['#4a7aa6', '#5a8a6a', '#7a6a3c', '#5c3d27', '#3d281d'].map(hex);

type Range = readonly [first: number, last: number];
interface Colouring {
  readonly skin: Range;
  readonly hair: Range;
  readonly eyes: Range;
}

/** First and last of the colours above. The groups are broad and overlap, as people do; features do not depend on them. */
const COLOURINGS: Readonly<Record<string, Colouring>> = {
  European: { skin: [0, 2], hair: [0, 5], eyes: [0, 4] },
  African: { skin: [5, 7], hair: [5, 6], eyes: [3, 4] },
  'South Asian': { skin: [3, 5], hair: [5, 6], eyes: [3, 4] },
  'East Asian': { skin: [0, 3], hair: [5, 6], eyes: [3, 4] },
  'Middle Eastern': { skin: [2, 4], hair: [4, 6], eyes: [2, 4] },
  'South American': { skin: [2, 5], hair: [3, 6], eyes: [2, 4] },
  'North American': { skin: [0, 6], hair: [0, 6], eyes: [0, 4] },
};
const ANY_COLOURING: Colouring = { skin: [0, 7], hair: [3, 6], eyes: [2, 4] };

const SUITS = ['#2b3650', '#3a3f4b', '#5a6472', '#23424a', '#4a3346', '#24303a'].map(hex);
const BRIGHT = ['#d9604c', '#e0a33e', '#4f8f78', '#4a78b5', '#8a63a8', '#cf7a93', '#5d6b4a', '#e8ded0'].map(
  hex,
);
const TIES = ['#a23a3f', '#2f5d8a', '#3d7a64', '#7a4b7f', '#c08a3a'].map(hex);
const BLOUSES = ['#f5f1ea', '#dce6ef', '#f0d9d3', '#d8e4d6', '#efe3c4'].map(hex);

/** A colour in a range, also between two of them. */
const colourIn = (colours: readonly Colour[], [first, last]: Range, who: Random): Colour => {
  const place = who.between(first, last);
  const [colour = [0, 0, 0], next = colour] = colours.slice(Math.floor(place));
  return mix(colour, next, place % 1);
};

/** The four pictures of a photo show the same person, with other hair, clothes, face and pose. @param index from 0 */
export const createPerson = (parameters: Parameters, photoId: string, index: number): Person => {
  const who = createRandom(photoId);
  const pose = createRandom(`${photoId}-${index}`);
  const words = readWords(parameters.appearance);
  const choose: looks.Choose = (choices) => who.of(choices, index);
  const isFemale = parameters.gender === 'Female';
  const isElderly = parameters.age === 'Elderly';
  const range = COLOURINGS[parameters.ethnicity ?? ''] ?? ANY_COLOURING;
  const skin = colourIn(SKINS, range.skin, who);
  const natural = isElderly ? colourIn(GREYS, [0, GREYS.length - 1], who) : colourIn(HAIRS, range.hair, who);
  const garment = looks.chooseGarment(words, parameters.avatar_style === 'Professional', isFemale, choose);
  const isFormal = garment === 'suit' || garment === 'tie' || garment === 'blouse';
  const accents = garment === 'tie' ? TIES : isFormal ? BLOUSES : BRIGHT;
  const lips = isFemale ? mix(skin, hex('#b03a48'), 0.52) : mix(darker(skin, 0.14), hex('#a8453f'), 0.28);
  return {
    isFemale,
    age: AGES.find((age) => age === parameters.age) ?? 'Adult',
    isSoft: parameters.model === 'modern',
    skin,
    hair: words.hairColour() ?? natural,
    eyes: words.colourOf('eyes', 'eyed') ?? colourIn(EYES, range.eyes, who),
    lips,
    hairstyle: looks.chooseHairstyle(words, isFemale, isElderly, choose),
    beard: looks.chooseBeard(words, !isFemale && parameters.age !== 'Teenager', who),
    glasses: looks.chooseGlasses(words, who),
    headwear: looks.chooseHeadwear(words),
    headwearColour: words.colourOf(...looks.HEADWEAR_WORDS) ?? choose(BRIGHT),
    scarf: words.has('scarf') ? (words.colourOf('scarf') ?? choose(BRIGHT)) : undefined,
    hasEarrings: words.has('earring', 'earrings') || (isFemale && who.number() < 0.4),
    hasNecklace: words.has('necklace', 'pendant', 'pearls'),
    hasFreckles: words.has('freckles', 'freckled'),
    hasHeadphones: words.has('headphones', 'headset'),
    garment,
    cloth:
      words.colourOf(...(isFormal ? looks.SUIT_WORDS : looks.CASUAL_WORDS)) ??
      choose(isFormal ? SUITS : BRIGHT),
    accent:
      words.colourOf(...(garment === 'tie' ? ['tie', 'necktie'] : isFormal ? looks.SHIRT_WORDS : [])) ??
      choose(accents),
    mouth: choose(['smile', 'laugh', 'smile', 'calm'] as const),
    turn: [-0.9, 0.35, 0.95, -0.3][index % 4] ?? 0,
    tilt: pose.between(-0.07, 0.07),
    isMirrored: pose.number() < 0.5,
  };
};
