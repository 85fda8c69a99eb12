import type { ApiKeys, Clock, FreeApi, Invocation, Ledger } from '../ports.ts';
import type { AvatarRecord } from '../record/record.ts';
import type { CompletionEvents } from './completion.ts';
import { afterRefresh, isGenerating, isRefreshable } from './generation-rules.ts';

export type Refresh =
  /** `record` is as the ledger holds it then; the same one if JoggAI said nothing new. */
  | { readonly kind: 'refreshed'; readonly record: AvatarRecord }
  /** Only a request that JoggAI accepted can be refreshed. */
  | { readonly kind: 'not_refreshable'; readonly record: AvatarRecord }
  /** JoggAI was not asked, or did not answer. */
  | { readonly kind: 'unavailable'; readonly cause: string }
  | { readonly kind: 'not_found' };

export interface RefreshPorts {
  readonly ledger: Pick<Ledger, 'get' | 'replace'>;
  readonly freeApi: Pick<FreeApi, 'generationStatus'>;
  readonly apiKeys: Pick<ApiKeys, 'current'>;
  readonly clock: Clock;
  readonly events: Pick<CompletionEvents, 'ended'>;
  /** Polls a generation that has not ended. */
  readonly pollGeneration: (record: AvatarRecord, invocation: Invocation) => Promise<AvatarRecord>;
}

/** Asks JoggAI again about a request that it accepted, also about an ended one. Costs nothing. */
export const createRefresh =
  ({ ledger, freeApi, apiKeys, clock, events, pollGeneration }: RefreshPorts) =>
  async (id: string, invocation: Invocation): Promise<Refresh> => {
    const record = await ledger.get(id);
    if (!record) return { kind: 'not_found' };
    if (isGenerating(record)) {
      return { kind: 'refreshed', record: await pollGeneration(record, invocation) };
    }
    if (!isRefreshable(record)) return { kind: 'not_refreshable', record };
    const apiKey = await apiKeys.current();
    if (apiKey.kind !== 'present') return { kind: 'unavailable', cause: 'no API key' };
    const status = await freeApi.generationStatus(record.photoId, apiKey.value);
    if (status.kind === 'unavailable') return status;
    const next = afterRefresh(record, status, { now: clock(), by: invocation.id });
    if (next === record) return { kind: 'refreshed', record };
    const replaced = await ledger.replace(next);
    if (replaced.kind === 'conflict') return { kind: 'refreshed', record: replaced.record ?? record };
    if (next.status === 'succeeded' && record.status !== 'succeeded') events.ended(next);
    return { kind: 'refreshed', record: next };
  };
