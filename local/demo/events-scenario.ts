import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { REQUEST_DETAIL_TYPE } from '../../lambda/shared/event-names.ts';
import { LOCAL_IDENTITY } from '../identity.ts';
import { REQUEST } from './http-scenario.ts';
import type { Output } from './output.ts';
import { CALLS_PER_WINDOW, type Demo, WINDOW_SECONDS } from './setup.ts';

const EVENTS = 60;

/** The simulator's price. */
const CREDITS_PER_CALL = 0.2;

/** PutEvents accepts at most ten entries. */
const MAX_ENTRIES = 10;

/** A burst of events, and how queued events wait while the account is blocked. */
export const runEventsScenario = async (demo: Demo, output: Output): Promise<void> => {
  output.section(`${EVENTS} events at once: EventBridge → queue → ledger → JoggAI`);
  const before = demo.charges();
  const paid = () => demo.charges() - before;
  demo.simulator.control.configure({ credits: CALLS_PER_WINDOW * CREDITS_PER_CALL });
  demo.startSchedule();
  const startedAt = Date.now();
  await putEvents(demo);
  output.print(`Put ${EVENTS} events "${REQUEST_DETAIL_TYPE}" on the bus.`);

  const blocked = await demo.waitFor(async () => {
    const { body } = await demo.call('GET', '/account');
    return body.state === 'blocked' ? body : undefined;
  });
  output.print(`The credits ran out after ${paid()} of them.`);
  output.print(`GET /account: ${JSON.stringify(blocked)}`);
  output.check('the account is blocked for insufficient_credit', blocked.reason === 'insufficient_credit');
  // Intake may still be recording some events, and one recorded request may be the probe.
  const waiting = await demo.waitFor(async () => {
    const { body } = await demo.call('GET', '/photo-avatars?limit=100&status=queued');
    return body.items.length >= EVENTS - paid() ? body.items.length : undefined;
  });
  output.check(
    `${waiting} events are queued in the ledger, none is lost`,
    waiting === EVENTS - CALLS_PER_WINDOW,
  );

  demo.simulator.control.configure({ credits: 1_000 });
  output.print('The account is topped up. No event is sent again.');
  await demo.waitFor(async () => {
    const { body } = await demo.call('GET', '/photo-avatars?limit=100');
    const submitted = body.items.filter(
      ({ source, status }: { source: string; status: string }) =>
        source === 'eventbridge' && status !== 'queued' && status !== 'submitting',
    );
    return submitted.length === EVENTS || undefined;
  });
  const seconds = (Date.now() - startedAt) / 1_000;
  output.print(
    `Drained in ${seconds.toFixed(1)} s, including the block. JoggAI allows ${CALLS_PER_WINDOW} calls in ${WINDOW_SECONDS} s.`,
  );
  output.check(`JoggAI charged each of the ${EVENTS} events once`, paid() === EVENTS);
  output.check('JoggAI never answered 429 (rate limit exceeded)', demo.rateLimited() === 0);
};

const putEvents = async ({ service }: Demo): Promise<void> => {
  const client = new EventBridgeClient({
    ...LOCAL_IDENTITY,
    endpoint: service.eventsUrl,
  });
  const entries = Array.from({ length: EVENTS }, () => ({
    Source: 'demo.shop',
    DetailType: REQUEST_DETAIL_TYPE,
    Detail: JSON.stringify(REQUEST),
  }));
  for (let at = 0; at < EVENTS; at += MAX_ENTRIES) {
    await client.send(new PutEventsCommand({ Entries: entries.slice(at, at + MAX_ENTRIES) }));
  }
  client.destroy();
};
