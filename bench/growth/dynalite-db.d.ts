/** The part of dynalite's store that the benchmark writes to. */
declare module 'dynalite/db/index.js' {
  type Keys = Readonly<Record<string, unknown>>;
  type Done<Result = void> = (error: Error | null | undefined, result: Result) => void;
  type KeySchema = readonly { readonly AttributeName: string }[];
  export interface Table {
    readonly KeySchema: KeySchema;
    readonly GlobalSecondaryIndexes: readonly {
      readonly IndexName: string;
      readonly KeySchema: KeySchema;
    }[];
  }
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
    getTable(name: string, done: Done<Table>): void;
    getItemDb(table: string): Part;
    getIndexDb(kind: 'global', table: string, index: string): Part;
  }
  const store: {
    create(options: { readonly path: string }): Store;
    createKey(keys: Keys, table: Table): string;
    createIndexKey(keys: Keys, table: Table, keySchema: KeySchema): string;
  };
  export default store;
}
