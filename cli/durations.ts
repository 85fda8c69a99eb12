import { usageError } from './exit-codes.ts';

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000 } as const;

/**
 * Reads a duration such as `90s`, `10m` or `1.5h` as milliseconds.
 *
 * @throws CommandError if the text is none
 */
export const readDuration = (text: string): number => {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)([smh])$/.exec(text) ?? [];
  if (amount === undefined || unit === undefined) {
    throw usageError(
      `"${text}" is not a duration: write 90s, 10m or 1.5h. Put an argument before --wait, or write --wait=10m.`,
    );
  }
  return Number(amount) * UNITS[unit as keyof typeof UNITS];
};

/** A duration for people: `40 s`, `12 min`, `3 h 5 min`. */
export const durationText = (milliseconds: number): string => {
  const seconds = Math.round(milliseconds / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
};
