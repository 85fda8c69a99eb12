import type { CompletionPorts } from '../lambda/domain/generation/completion.ts';

/** Generations never end, and events are published at once. */
export const UNMODELLED = {
  freeApi: { generationStatus: async () => ({ kind: 'unavailable', cause: 'not modelled' }) },
  images: { copy: async () => ({ kind: 'failed', reason: 'not modelled' }), async deleteAll() {} },
  publisher: { async recordEnded() {} },
  events: { ended() {}, notCopied() {}, stuck() {} },
  settings: { generationTimeoutMs: 60 * 60_000 },
} as const satisfies Omit<CompletionPorts, 'ledger' | 'apiKeys' | 'clock'>;
