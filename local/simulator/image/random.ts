import { createHash } from 'node:crypto';

/** Choices that depend on a text only: the same text makes the same choices. */
export interface Random {
  /** From 0 to 1. */
  number(): number;
  between(least: number, most: number): number;
  /** @param offset of the choice: with 0, 1, 2 … of equal generators, the choices differ */
  of<Choice>(choices: readonly Choice[], offset?: number): Choice;
}

/** Source: https://github.com/bryc/code/blob/master/jshash/PRNGs.md (mulberry32) */
export const createRandom = (text: string): Random => {
  let state = createHash('sha256').update(text).digest().readUInt32LE();
  const number = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    number,
    between: (least, most) => least + (most - least) * number(),
    of: (choices, offset = 0) => {
      const choice = choices[(Math.floor(number() * choices.length) + offset) % choices.length];
      if (choice === undefined) throw new RangeError('There is nothing to choose from.');
      return choice;
    },
  };
};
