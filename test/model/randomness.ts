/** A number from 0 to 1, without 1. */
export type Randomness = () => number;

/** The same numbers for the same seed: mulberry32, 32 bits of state. */
export const createRandomness = (seed: number): Randomness => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** From `least` to `most`, each as likely as the other. */
export const between = (random: Randomness, least: number, most: number): number =>
  least + random() * (most - least);
