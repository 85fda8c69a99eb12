import * as z from 'zod';

/** Answer time of each remote service, in milliseconds. */
export const latencies = z.object({
  dynamoDb: z.number().min(0),
  secretsManager: z.number().min(0),
  joggai: z.int().min(1),
  /** Of a round trip to JoggAI, which then speaks TLS and keeps no connection. @default - no distance, no TLS */
  joggaiDistance: z.optional(z.number().min(0)),
});

export type Latencies = z.infer<typeof latencies>;

/** Origins of the remote services, and the names of the table and the secret. */
export const endpoints = z.object({
  dynamoDb: z.url(),
  secretsManager: z.url(),
  joggai: z.url(),
  tableName: z.string(),
  secretName: z.string(),
});

export type Endpoints = z.infer<typeof endpoints>;
