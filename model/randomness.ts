/** Returns a number from 0 (inclusive) to 1 (exclusive). */
export type Randomness = () => number;

/** Pseudorandom numbers, the same for the same seed: mulberry32, 32 bits of state. */
export const createRandomness = (seed: number): Randomness => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** A number from `min` to `max`, uniformly distributed. */
export const between = (random: Randomness, min: number, max: number): number => min + random() * (max - min);
