import { expect, it } from 'vitest';
import { createWorld, keyedCommand, type World } from '../support/submission-world.ts';

/** A request that JoggAI refused for its parameters, and that is delivered again. */
const deliverAgain = async (source: 'http' | 'eventbridge') => {
  const world: World = createWorld();
  world.joggai.answer = () => ({ kind: 'refused', reason: 'invalid_parameters', code: 40000, message: '' });
  const command = keyedCommand('order-1', { source });
  await world.process().submit(command, world.invocation());
  expect(world.ledger.records()).toMatchObject([{ status: 'rejected', charged: 'no' }]);
  const submission = await world.process().enqueue(command, world.invocation());
  return { submission, statuses: world.ledger.records().map(({ status }) => status) };
};

it('an event that was refused for its parameters is not sent again when it is delivered again', async () => {
  expect(await deliverAgain('eventbridge')).toMatchObject({
    submission: { kind: 'replayed' },
    statuses: ['rejected'],
  });
});

it('an HTTP request that was refused for its parameters is sent again on demand', async () => {
  expect(await deliverAgain('http')).toMatchObject({ submission: { kind: 'queued' }, statuses: ['queued'] });
});
