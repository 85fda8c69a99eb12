import type { Cost, MeteredService } from './metered-service.ts';

const MINUTE = 60_000;

/** A run of dispatch with nothing to do, in a warm process. */
export const idleMinute = async ({ service, take }: MeteredService): Promise<Cost> => {
  await service.triggerDispatch();
  take();
  await service.triggerDispatch();
  return take();
};

export interface FollowedRequest {
  readonly submission: Cost;
  /** Dispatch runs while JoggAI generates. */
  readonly running: Cost;
  /** The next run: it copies the images and publishes the end. */
  readonly ending: Cost;
}

/**
 * A request to a warm service, and its generation of one minute to the published end: dispatch runs once while it takes
 * place, and once afterwards.
 */
export const followRequest = async (world: MeteredService): Promise<FollowedRequest> => {
  const { service, simulator, ledger, submit, take, makeDue, advance } = world;
  simulator.control.configure({ generation: { durationMs: MINUTE } });
  await submit();
  await service.triggerDispatch();
  take();
  const id = await submit();
  const submission = take();
  const dispatchWhenDue = async (): Promise<Cost> => {
    await makeDue(id);
    await service.triggerDispatch();
    return take();
  };
  const running = await dispatchWhenDue();
  advance(MINUTE);
  const ending = await dispatchWhenDue();
  const { status, open } = (await ledger.get(id)) ?? {};
  if (status !== 'succeeded' || open !== undefined) throw new Error(`The request is ${status}, ${open}.`);
  return { submission, running, ending };
};
