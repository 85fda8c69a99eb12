import * as z from 'zod';

/** How long each far side takes to answer, in milliseconds. */
export const latencies = z.object({
  dynamoDb: z.number().min(0),
  secretsManager: z.number().min(0),
  joggai: z.int().min(1),
});

export type Latencies = z.infer<typeof latencies>;

/** Where a function finds everything that it calls: origins, and the names of what is there. */
export const endpoints = z.object({
  dynamoDb: z.url(),
  secretsManager: z.url(),
  joggai: z.url(),
  tableName: z.string(),
  secretName: z.string(),
});

export type Endpoints = z.infer<typeof endpoints>;
