import { type Colour, hex } from './paint.ts';

/** Names of colours in requests. */
const COLOURS: Readonly<Record<string, Colour>> = {
  black: hex('#22232b'),
  white: hex('#f4f2ee'),
  grey: hex('#8b919c'),
  gray: hex('#8b919c'),
  silver: hex('#c3c7ce'),
  red: hex('#c8372d'),
  orange: hex('#e5822e'),
  yellow: hex('#efc343'),
  gold: hex('#d0a23c'),
  green: hex('#3d8a58'),
  olive: hex('#7b8248'),
  teal: hex('#23857f'),
  turquoise: hex('#3aaea8'),
  blue: hex('#3568b8'),
  navy: hex('#23335c'),
  purple: hex('#7a4ea3'),
  violet: hex('#7a4ea3'),
  pink: hex('#e07ba0'),
  brown: hex('#7b5237'),
  beige: hex('#dcc9a9'),
  straw: hex('#dcc28a'),
  lime: hex('#a3c94a'),
  maroon: hex('#7a2b33'),
  tan: hex('#c8a27a'),
  cream: hex('#f1e6cf'),
};

/** Words that are no colours, or mean another colour, where hair is meant. */
const HAIR_COLOURS: Readonly<Record<string, Colour>> = {
  black: hex('#221d20'),
  dark: hex('#33251f'),
  brown: hex('#5b3a26'),
  brunette: hex('#5b3a26'),
  chestnut: hex('#6d3f26'),
  auburn: hex('#7e3a22'),
  red: hex('#a8452a'),
  ginger: hex('#bb5a2b'),
  blond: hex('#d3aa67'),
  blonde: hex('#d3aa67'),
  grey: hex('#a4a3a5'),
  gray: hex('#a4a3a5'),
  silver: hex('#c2c3c7'),
  white: hex('#e4e2de'),
};

/** What the words of a request say. The words are English. */
export interface Words {
  /** Whether one of the words is in the text, without `no`, `not` or `without` before it. */
  has(...words: readonly string[]): boolean;
  /** The colour before the first of the words: `a dark red scarf`. */
  colourOf(...words: readonly string[]): Colour | undefined;
  /** Whether one of the words is in the text, also with a negation. */
  mentions(...words: readonly string[]): boolean;
  hairColour(): Colour | undefined;
  /** The first colour in the text. */
  anyColour(): Colour | undefined;
}

const NEGATIONS = ['no', 'not', 'without'];
/** How many words may be between a colour and what has it: `red woollen winter scarf`. */
const REACH = 3;

/** The service accepts 2,000 characters, JoggAI does not say how many. */
const MAX_LENGTH = 2_000;

export const readWords = (text = ''): Words => {
  const words =
    text
      .slice(0, MAX_LENGTH)
      .toLowerCase()
      .match(/[a-z]+|[,.;]/g) ?? [];
  /** The words before the first of `wanted` that is not denied, back to the last comma. */
  const before = (wanted: readonly string[]): readonly string[] | undefined => {
    for (const [at, word] of words.entries()) {
      if (!wanted.includes(word)) continue;
      const near = words.slice(Math.max(0, at - REACH), at);
      const phrase = near.slice(near.findLastIndex((each) => /[,.;]|^and$/.test(each)) + 1);
      if (!phrase.some((each) => NEGATIONS.includes(each))) return phrase;
    }
    return undefined;
  };
  const colourIn = (phrase: readonly string[] | undefined, names: Readonly<Record<string, Colour>>) => {
    const name = phrase?.findLast((word) => Object.hasOwn(names, word));
    return name === undefined ? undefined : names[name];
  };
  return {
    has: (...wanted) => before(wanted) !== undefined,
    colourOf: (...wanted) => colourIn(before(wanted), COLOURS),
    mentions: (...wanted) => words.some((word) => wanted.includes(word)),
    hairColour: () => {
      const alone = words.find((word) => ['blonde', 'blond', 'brunette', 'ginger'].includes(word));
      return (
        colourIn(before(['hair', 'haired', 'braids', 'curls', 'ponytail', 'bun', 'bob', 'afro']), {
          ...COLOURS,
          ...HAIR_COLOURS,
        }) ?? (alone === undefined ? undefined : HAIR_COLOURS[alone])
      );
    },
    anyColour: () => colourIn(words.toReversed(), COLOURS),
  };
};
