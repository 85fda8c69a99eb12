import type { AccountNotesStore } from '../../domain/gate/account-watch.ts';
import type { Gate } from '../../domain/gate/gate.ts';
import type { ApiKeyState, ApiKeys } from '../../domain/ports.ts';
import { keyFingerprint } from '../../domain/request/identity.ts';
import { accountViewOf } from '../../views/account-view.ts';
import type { AccountBody } from '../../views/schemas.ts';
import { accountPatch } from '../account-patch.ts';
import { json } from '../problem.ts';
import { readJson, readQuery } from '../read-event.ts';
import { invalidBody, type Routes } from './route.ts';

export interface AccountCheckPorts {
  readonly gate: Pick<Gate, 'snapshot'>;
  readonly apiKeys: ApiKeys;
  readonly notes: Pick<AccountNotesStore, 'read'>;
  /** Origin of the JoggAI that is paid, or of a simulator. */
  readonly joggaiUrl: string;
}

export type CheckAccount = () => Promise<{ readonly key: ApiKeyState; readonly account: AccountBody }>;

/** Reads the state of the account, and of the key that would be used. */
export const createAccountCheck =
  ({ gate, apiKeys, notes, joggaiUrl }: AccountCheckPorts): CheckAccount =>
  async () => {
    const key = await apiKeys.current();
    const [account, noted] = await Promise.all([
      gate.snapshot(key.kind === 'present' ? keyFingerprint(key.value) : ''),
      notes.read(),
    ]);
    return { key, account: accountViewOf(account, noted, joggaiUrl) };
  };

export interface AccountRoutePorts {
  readonly gate: Pick<Gate, 'pause'>;
}

/** The routes of the JoggAI account. */
export const accountRoutes = (
  { gate }: AccountRoutePorts,
  checkAccount: CheckAccount,
): Routes<'GET /account' | 'PATCH /account'> => ({
  async 'GET /account'(event) {
    readQuery(event, []);
    return json(200, (await checkAccount()).account);
  },

  async 'PATCH /account'(event, _invocation, caller) {
    readQuery(event, []);
    const patch = accountPatch.safeParse(readJson(event));
    if (!patch.success) throw invalidBody(patch.error, 'Send {"paused": true} or {"paused": false}.');
    await gate.pause(patch.data.paused ? { by: caller.name } : undefined);
    return json(200, (await checkAccount()).account);
  },
});
