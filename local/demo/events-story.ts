import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { REQUEST_DETAIL_TYPE } from '../../lambda/intake/detail-type.ts';
import { LOCAL_IDENTITY } from '../identity.ts';
import { REQUEST } from './http-story.ts';
import type { Narrator } from './narrator.ts';
import { CALLS_PER_WINDOW, type Stage, WINDOW_SECONDS } from './stage.ts';

const EVENTS = 60;

/** What the simulator charges. */
const CREDITS_PER_CALL = 0.2;

/** PutEvents takes no more at a time. */
const ENTRIES_AT_A_TIME = 10;

/** What happens to a burst of events, and to those that wait while the account is blocked. */
export const tellEventsStory = async (stage: Stage, narrator: Narrator): Promise<void> => {
  narrator.chapter(`${EVENTS} events at once: EventBridge → queue → ledger → JoggAI`);
  const before = stage.charges();
  const paid = () => stage.charges() - before;
  stage.simulator.control.configure({ credits: CALLS_PER_WINDOW * CREDITS_PER_CALL });
  stage.startSchedule();
  const startedAt = Date.now();
  await putEvents(stage);
  narrator.say(`${EVENTS} events "${REQUEST_DETAIL_TYPE}" were put on the bus.`);

  const blocked = await stage.until(async () => {
    const { body } = await stage.call('GET', '/account');
    return body.state === 'blocked' ? body : undefined;
  });
  narrator.say(`After ${paid()} of them, the credit is gone.`);
  narrator.say(`GET /account: ${JSON.stringify(blocked)}`);
  narrator.check(
    'nobody calls JoggAI any more, and the account says why',
    blocked.reason === 'insufficient_credit',
  );
  // Some may be on their way to the ledger, and one in it may be the probe.
  const waiting = await stage.until(async () => {
    const { body } = await stage.call('GET', '/photo-avatars?limit=100&status=queued');
    return body.items.length >= EVENTS - paid() ? body.items.length : undefined;
  });
  narrator.check(`${waiting} events wait in the ledger, none is lost`, waiting === EVENTS - CALLS_PER_WINDOW);

  stage.simulator.control.configure({ credits: 1_000 });
  narrator.say('The account is topped up. Nobody sends anything again.');
  await stage.until(async () => {
    const { body } = await stage.call('GET', '/photo-avatars?limit=100');
    const ended = body.items.filter(
      ({ source, status }: { source: string; status: string }) =>
        source === 'eventbridge' && status !== 'queued' && status !== 'submitting',
    );
    return ended.length === EVENTS || undefined;
  });
  const took = (Date.now() - startedAt) / 1_000;
  narrator.say(
    `Drained in ${took.toFixed(1)} s, block included; ${CALLS_PER_WINDOW} calls in ${WINDOW_SECONDS} s are allowed.`,
  );
  narrator.check(`all ${EVENTS} are paid for, each once`, paid() === EVENTS);
  narrator.check('JoggAI never had to say "too fast" (429)', stage.tooFast() === 0);
};

const putEvents = async ({ service }: Stage): Promise<void> => {
  const client = new EventBridgeClient({
    ...LOCAL_IDENTITY,
    endpoint: service.eventsUrl,
  });
  const entries = Array.from({ length: EVENTS }, () => ({
    Source: 'demo.shop',
    DetailType: REQUEST_DETAIL_TYPE,
    Detail: JSON.stringify(REQUEST),
  }));
  for (let at = 0; at < EVENTS; at += ENTRIES_AT_A_TIME) {
    await client.send(new PutEventsCommand({ Entries: entries.slice(at, at + ENTRIES_AT_A_TIME) }));
  }
  client.destroy();
};
