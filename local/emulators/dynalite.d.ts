declare module 'dynalite' {
  import type { Server } from 'node:http';

  export interface DynaliteOptions {
    /** Directory of the store. @default - the tables are in memory */
    path?: string;
    /** How long a new table has the status CREATING. @default 500 */
    createTableMs?: number;
  }

  /** An HTTP server with DynamoDB's API. Closing it also closes its store. */
  export default function dynalite(options?: DynaliteOptions): Server;
}
