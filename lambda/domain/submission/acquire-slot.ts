import type { SlotRequest } from '../gate/account-rules.ts';
import type { Admission, Gate } from '../gate/gate.ts';
import type { ApiKeys } from '../ports.ts';
import { keyFingerprint } from '../request/identity.ts';

export interface SlotPorts {
  readonly gate: Pick<Gate, 'acquire'>;
  readonly apiKeys: Pick<ApiKeys, 'refreshed'>;
}

/**
 * Requests a slot. If the account of the key is blocked, the secret is read again: a key that replaced it since is tried
 * at once.
 *
 * @returns the admission, and the key that it is for
 */
export const acquireSlot = async (
  { gate, apiKeys }: SlotPorts,
  request: Pick<SlotRequest, 'attemptId' | 'leaseUntil' | 'owner' | 'isCautious'>,
  apiKey: string,
): Promise<{ readonly admission: Admission; readonly apiKey: string }> => {
  const admission = await gate.acquire({ ...request, key: keyFingerprint(apiKey) });
  if (admission.kind === 'admitted' || admission.rejection.kind !== 'blocked') return { admission, apiKey };
  const current = await apiKeys.refreshed();
  if (current.kind !== 'present' || current.value === apiKey) return { admission, apiKey };
  return {
    admission: await gate.acquire({ ...request, key: keyFingerprint(current.value) }),
    apiKey: current.value,
  };
};
