import { SAMPLE_REQUEST } from '../../local/sample-request.ts';
import type { LocalService } from '../../local/service.ts';
import type { Simulator } from '../../local/simulator/simulator.ts';

/** Records of each kind. */
const COUNT = 8;

interface Posted {
  readonly id?: string;
  readonly record?: { readonly id: string };
}

/**
 * Fills the ledger, so that every route of one record meets some on which it succeeds and some on which it does not.
 *
 * @returns the ids of all, and of those that a person may resolve
 */
export const fillLedger = async (
  service: LocalService,
  simulator: Simulator,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly ids: string[]; readonly resolvable: string[] }> => {
  const call = async (method: string, path: string, more: object = {}, body?: object): Promise<Posted> => {
    const response = await fetch(`${service.url}${path}`, {
      method,
      headers: { ...headers, 'content-type': 'application/json', ...more },
      ...(body && { body: JSON.stringify(body) }),
    });
    return response.json() as Promise<Posted>;
  };
  const post = async (more: object = {}): Promise<string> => {
    const { id, record } = await call('POST', '/photo-avatars', more, SAMPLE_REQUEST);
    const found = id ?? record?.id;
    if (found === undefined) throw new Error('A request was not recorded.');
    return found;
  };
  const several = async (make: () => Promise<string>): Promise<string[]> => {
    const ids: string[] = [];
    for (let count = 0; count < COUNT; count += 1) ids.push(await make());
    return ids;
  };

  const failed = await several(async () => {
    simulator.control.addFault({ kind: 'code', code: 50_000 });
    const id = await post();
    // Three failures in a row would look like an outage.
    await post();
    return id;
  });
  const succeeded = await several(post);
  for (const id of succeeded) await call('POST', `/photo-avatars/${id}/refresh`);
  const cancelled = await several(async () => {
    const id = await post({ prefer: 'respond-async' });
    await call('POST', `/photo-avatars/${id}/cancellation`);
    return id;
  });
  // Copies the images and publishes the ends, without which nothing can be erased.
  await service.triggerDispatch();
  for (const id of cancelled.slice(0, 2)) await call('DELETE', `/photo-avatars/${id}`);
  await service.triggerDispatch();
  const generating = await several(post);
  const queued = await several(() => post({ prefer: 'respond-async' }));
  const ids = [...failed, ...succeeded, ...cancelled, ...generating, ...queued];
  return { ids, resolvable: failed };
};
