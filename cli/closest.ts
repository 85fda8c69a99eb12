/** The number of letters to insert, delete, replace or swap with their neighbour to get from one word to the other. */
const distance = (from: string, to: string): number => {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const isEqual = from[row - 1] === to[column - 1];
      const isSwapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current[column] = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (isEqual ? 0 : 1),
        isSwapped ? (beforePrevious[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[to.length] ?? 0;
};

const plain = (word: string): string => word.toLowerCase().replace(/[^a-z0-9]/g, '');

/** The word that was probably meant: at most a third of its letters differ. */
export const closest = (given: string, words: readonly string[]): string | undefined => {
  const ranked = words
    .map((word) => ({ word, differing: distance(plain(given), plain(word)) }))
    .sort((one, other) => one.differing - other.differing);
  const [best] = ranked;
  return best && best.differing <= plain(best.word).length / 3 ? best.word : undefined;
};

/** A question to append to a message, or nothing. The guess is never used. */
export const didYouMean = (given: string, words: readonly string[]): string => {
  const meant = closest(given, words);
  return meant === undefined || meant === given ? '' : ` Did you mean "${meant}"?`;
};
