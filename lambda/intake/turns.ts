/** Runs work of the same name one after the other, in the order in which it came, and all other work at once. */
export type Turns = <Result>(name: string, work: () => Promise<Result>) => Promise<Result>;

export const createTurns = (): Turns => {
  const last = new Map<string, Promise<unknown>>();
  return async (name, work) => {
    // The end of the work before decides nothing: it reports its own error.
    const turn = Promise.resolve(last.get(name)).then(work, work);
    last.set(name, turn);
    try {
      return await turn;
    } finally {
      if (last.get(name) === turn) last.delete(name);
    }
  };
};
