/** The part of dynalite's store that the benchmark writes to. */
declare module 'dynalite/db/index.js' {
  type Done<Result = void> = (error: Error | null | undefined, result: Result) => void;

  /** The value is text: an item as JSON. */
  export interface Operation {
    readonly type: 'put';
    readonly key: string;
    readonly value: string;
    readonly valueEncoding: 'utf8';
  }
  export interface Part {
    batch(operations: readonly Operation[], done: Done): void;
  }
  export interface Store {
    readonly db: { close(done: Done): void };
    getTable(name: string, done: Done<unknown>): void;
    getItemDb(table: string): Part;
    getIndexDb(kind: 'global', table: string, index: string): Part;
  }
  const store: {
    create(options: { readonly path: string }): Store;
    /** The first characters of a key. */
    hashPrefix(value: string, type: 'S'): string;
  };
  export default store;
}
