/** Maximum of a partition key of an index, in bytes. DynamoDB rejects an item with a longer one, or with an empty one. */
export const MAX_PARTITION_KEY_BYTES = 2_048;

/**
 * The schema of the ledger's table: one definition for the deployed table, the emulated one and the queries.
 */
export const LEDGER_SCHEMA = {
  partitionKey: 'id',
  /** Epoch seconds; present only where `retentionDays` is configured. */
  timeToLive: 'expiresAt',
  indexes: {
    /** Sparse: only records with work left to do. */
    open: { indexName: 'open', partitionKey: 'open', sortKey: 'dueAt' },
    /** For lists, newest first, and the oldest of a status. `createdKey` is the time of creation and the id, which makes it unique. */
    byStatus: { indexName: 'byStatus', partitionKey: 'status', sortKey: 'createdKey' },
    /** For the list of one caller, newest first. */
    byCaller: { indexName: 'byCaller', partitionKey: 'caller', sortKey: 'createdKey' },
  },
} as const;
