import { REQUEST } from './http-scenario.ts';
import type { Output } from './output.ts';
import type { Demo } from './setup.ts';

/** A queued request is taken back before it is paid for. */
export const runCancellation = async (demo: Demo, output: Output): Promise<void> => {
  output.section('A queued request is taken back: POST /photo-avatars/{id}/cancellation');
  const before = demo.charges();
  const { body: queued } = await demo.call('POST', '/photo-avatars', REQUEST, { prefer: 'respond-async' });
  const cancelled = await demo.call('POST', `/photo-avatars/${queued.id}/cancellation`);
  output.print(`HTTP ${cancelled.status} · ${cancelled.body.history.at(-1).note}`);
  output.check(
    'it is cancelled and not charged',
    cancelled.status === 200 && cancelled.body.status === 'cancelled' && cancelled.body.charged === 'no',
  );
  await demo.service.triggerDispatch();
  output.check('dispatch does not submit it', demo.charges() === before);
};

/** What a person said and showed is erased from a request that succeeded. */
export const runErasure = async (demo: Demo, output: Output, id: string): Promise<void> => {
  output.section(`The first request is erased: DELETE /photo-avatars/${id}`);
  const { body: before } = await demo.call('GET', `/photo-avatars/${id}`);
  // Dispatch may have published the end, and not recorded it yet.
  const erased = await demo.waitFor(async () => {
    const reply = await demo.call('DELETE', `/photo-avatars/${id}`);
    return reply.status === 409 ? undefined : reply;
  });
  const { body: after } = await demo.call('GET', `/photo-avatars/${id}`);
  output.print(`HTTP ${erased.status} · fields left: ${Object.keys(after).join(', ')}`);
  output.check(
    'the record has no request and no images, and still its charge',
    erased.status === 202 && !after.request && !after.images && after.charged === 'yes',
  );
  const gone = await demo.waitFor(async () => {
    const responses = await Promise.all(before.images.map(({ link }: { link: string }) => fetch(link)));
    return responses.every(({ status }) => status === 404) || undefined;
  });
  output.check('dispatch deleted every copy: its link answers 404', gone);
};
