/**
 * The ledger's table as code and infrastructure both need it: one definition, so that the deployed table,
 * the embedded one and the queries cannot differ.
 */
export const LEDGER_SCHEMA = {
  partitionKey: 'id',
  /** Epoch seconds; present only where `retentionDays` is configured. */
  timeToLive: 'expiresAt',
  indexes: {
    /** Sparse: only records on which something is left to be done. */
    open: { indexName: 'open', partitionKey: 'open', sortKey: 'dueAt' },
    /** Listing, newest first. `createdKey` is the time of creation and the id, so that no two are equal. */
    byStatus: { indexName: 'byStatus', partitionKey: 'status', sortKey: 'createdKey' },
  },
} as const;
