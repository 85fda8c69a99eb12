declare module 'dynalite' {
  import type { Server } from 'node:http';

  export interface DynaliteOptions {
    /** Directory of the store; without it the tables live in memory. */
    path?: string;
    /** How long a new table stays in the state CREATING. Default 500. */
    createTableMs?: number;
  }

  /** An HTTP server that speaks DynamoDB's API once it listens. Closing it closes its store, too. */
  export default function dynalite(options?: DynaliteOptions): Server;
}
