import type { Random } from './random.ts';
import type { Words } from './words.ts';

const HAIRSTYLES = {
  Female: ['long', 'bob', 'wavy', 'bun', 'ponytail', 'curly', 'pixie', 'braids', 'afro'],
  ElderlyFemale: ['bob', 'bun', 'pixie', 'curly', 'wavy'],
  Male: ['short', 'quiff', 'crop', 'curlyShort', 'buzz'],
  ElderlyMale: ['receding', 'short', 'crop', 'bald'],
} as const;

export type Hairstyle = (typeof HAIRSTYLES)[keyof typeof HAIRSTYLES][number];
export type Beard = 'none' | 'stubble' | 'full' | 'moustache' | 'goatee';
export type Glasses = 'none' | 'round' | 'square' | 'sun';
export type Headwear = 'none' | 'cap' | 'beanie' | 'hat' | 'headscarf' | 'turban';
export type Garment = 'suit' | 'tie' | 'blouse' | 'tshirt' | 'hoodie' | 'sweater' | 'shirt' | 'jacket';

/** Chooses one look of several. Of the pictures of one request, each has another. */
export type Choose = <Choice>(choices: readonly Choice[]) => Choice;

/** The words of a request for each look. The first look that the request names is taken. */
type Named<Look> = readonly (readonly [look: Look, ...words: string[]])[];

const named = <Look>(looks: Named<Look>, words: Words): Look | undefined =>
  looks.find(([, ...names]) => words.has(...names))?.[0];

const NAMED_HAIRSTYLES: Named<Hairstyle> = [
  ['bald', 'bald', 'hairless'],
  ['braids', 'braids', 'braided', 'pigtails', 'dreadlocks'],
  ['ponytail', 'ponytail'],
  ['bun', 'bun', 'updo'],
  ['bob', 'bob'],
  ['afro', 'afro'],
  ['curly', 'curly', 'curls'],
  ['wavy', 'wavy', 'waves'],
  ['buzz', 'buzz', 'shaved'],
  ['pixie', 'pixie'],
  ['receding', 'receding', 'balding'],
];

export const chooseHairstyle = (
  words: Words,
  isFemale: boolean,
  isElderly: boolean,
  choose: Choose,
): Hairstyle => {
  const isLong = words.has('long') && words.has('hair', 'haired');
  const style = named(NAMED_HAIRSTYLES, words);
  if (style === 'curly' && !isFemale && !isLong) return 'curlyShort';
  if (style) return style;
  if (isLong) return choose(['long', 'wavy'] as const);
  if (isFemale && words.has('short')) return choose(['pixie', 'bob'] as const);
  return choose(HAIRSTYLES[`${isElderly ? 'Elderly' : ''}${isFemale ? 'Female' : 'Male'}`]);
};

const NAMED_BEARDS: Named<Beard> = [
  ['goatee', 'goatee'],
  ['stubble', 'stubble', 'unshaven'],
  ['full', 'beard', 'bearded'],
  ['moustache', 'moustache', 'mustache'],
];

/** @param mayHave whether the person can have a beard without a word about it */
export const chooseBeard = (words: Words, mayHave: boolean, who: Random): Beard => {
  const isExcluded = !mayHave || words.mentions('beard', 'shaven', 'shaved');
  const usual = who.of<Beard>(['none', 'none', 'none', 'stubble', 'full']);
  return named(NAMED_BEARDS, words) ?? (isExcluded ? 'none' : usual);
};

const NAMED_HEADWEAR: Named<Headwear> = [
  ['headscarf', 'hijab', 'headscarf', 'veil'],
  ['turban', 'turban'],
  ['beanie', 'beanie'],
  ['cap', 'cap'],
  ['hat', 'hat', 'fedora'],
];
export const HEADWEAR_WORDS = NAMED_HEADWEAR.flatMap(([, ...words]) => words);

export const chooseHeadwear = (words: Words): Headwear => named(NAMED_HEADWEAR, words) ?? 'none';

const NAMED_GARMENTS: Named<Garment> = [
  ['tie', 'tie', 'necktie'],
  ['suit', 'suit', 'blazer'],
  ['hoodie', 'hoodie'],
  ['sweater', 'sweater', 'jumper', 'pullover', 'turtleneck', 'cardigan'],
  ['jacket', 'jacket', 'coat', 'denim', 'leather'],
  // A t-shirt is two words here.
  ['tshirt', 'tshirt', 'tee', 't'],
  ['shirt', 'shirt', 'blouse'],
];
export const SUIT_WORDS = ['suit', 'blazer', 'jacket'];
export const SHIRT_WORDS = ['shirt', 'blouse'];
export const CASUAL_WORDS = NAMED_GARMENTS.flatMap(([garment, ...words]) => (garment === 'tie' ? [] : words));

export const chooseGarment = (
  words: Words,
  isProfessional: boolean,
  isFemale: boolean,
  choose: Choose,
): Garment => {
  const garment = named(NAMED_GARMENTS, words);
  if (garment === 'suit' && isFemale) return 'blouse';
  // A professional wears more than a shirt.
  if (garment && !(garment === 'shirt' && isProfessional)) return garment;
  if (!isProfessional) return choose(['tshirt', 'sweater', 'hoodie', 'shirt', 'jacket'] as const);
  return isFemale ? choose(['blouse', 'suit'] as const) : choose(['tie', 'suit'] as const);
};

export const chooseGlasses = (words: Words, who: Random): Glasses => {
  if (words.has('sunglasses')) return 'sun';
  if (!words.has('glasses', 'spectacles', 'eyeglasses')) return 'none';
  return words.has('round') ? 'round' : who.of<Glasses>(['round', 'square']);
};
