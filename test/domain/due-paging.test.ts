import { expect, it } from 'vitest';
import type { OpenRecords } from '../../lambda/domain/ports.ts';
import { createCompletionWorld, generating, SECOND, T0 } from '../support/completion-world.ts';
import { createDrainWorld, DISPATCH, names } from '../support/drain-world.ts';

/** Counts the records that are read, page by page. */
const counted = ({ due }: OpenRecords) => {
  const pages: number[] = [];
  const countingDue: OpenRecords['due'] = async (...query) => {
    const found = await due(...query);
    pages.push(found.length);
    return found;
  };
  return { pages, due: countingDue };
};

it('completion reads each record that cannot be advanced once, and never more than ten at a time', async () => {
  const world = createCompletionWorld();
  for (let index = 0; index < 200; index += 1) await world.ledger.create(generating(`avatar-${index}`));
  world.joggai.answer = () => ({ kind: 'failed', message: '' });
  world.bus.isDown = () => true;
  world.time.now = T0 + 10 * SECOND;
  await world.dispatch();
  expect(world.reported.stuck).toHaveLength(200);

  world.bus.isDown = ({ id }) => id !== 'avatar-99';
  const { pages, due } = counted(world.ledger);
  await world.dispatch({ ledger: { ...world.ledger, due } });
  expect(world.bus.published.map(({ id }) => id)).toEqual(['avatar-99']);
  expect(pages.reduce((sum, count) => sum + count)).toBe(200);
  expect(Math.max(...pages)).toBe(10);
});

it('a drain never reads more than 25 records at a time, however many were just claimed', async () => {
  const { time, enqueue, drain, ports } = createDrainWorld({ indexLagMs: 3_000, slots: 200, callMs: 1 });
  await enqueue(...names(120));
  await time.finish(time.wait(3_000));
  const { pages, due } = counted(ports.ledger);
  const drained = drain(DISPATCH, { ledger: { ...ports.ledger, due } });
  expect(await time.finish(drained)).toEqual({ calls: 120, end: { kind: 'empty' } });
  expect(Math.max(...pages)).toBe(25);
});
