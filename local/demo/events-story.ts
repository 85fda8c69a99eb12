import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { REQUEST_DETAIL_TYPE } from '../../lambda/intake/detail-type.ts';
import { LOCAL_IDENTITY } from '../identity.ts';
import { REQUEST } from './http-story.ts';
import type { Narrator } from './narrator.ts';
import { CALLS_PER_WINDOW, type Stage, WINDOW_SECONDS } from './stage.ts';

const EVENTS = 60;

/** PutEvents takes no more at a time. */
const ENTRIES_AT_A_TIME = 10;

/** What happens to a burst of events, and to those that wait while the account is blocked. */
export const tellEventsStory = async (stage: Stage, narrator: Narrator): Promise<void> => {
  narrator.chapter(`${EVENTS} events at once: EventBridge → queue → ledger → JoggAI`);
  const before = stage.charges();
  const startedAt = Date.now();
  await putEvents(stage);
  narrator.say(`${EVENTS} events "${REQUEST_DETAIL_TYPE}" were put on the bus.`);

  await stage.until(async () => (stage.charges() - before >= CALLS_PER_WINDOW ? true : undefined));
  stage.simulator.control.configure({ credits: 0 });
  narrator.say(`After ${stage.charges() - before} of them, the credit is gone.`);
  const blocked = await stage.until(async () => {
    const { body } = await stage.call('GET', '/account');
    return body.state === 'blocked' ? body : undefined;
  });
  narrator.say(`GET /account: ${JSON.stringify(blocked)}`);
  narrator.check(
    'nobody calls JoggAI any more, and the account says why',
    blocked.reason === 'insufficient_credit',
  );
  const waiting = await countOf(stage, 'queued');
  narrator.check(
    `${waiting} events wait in the ledger, none is lost`,
    waiting === EVENTS - (stage.charges() - before),
  );

  stage.simulator.control.configure({ credits: 1_000 });
  narrator.say('The account is topped up. Nobody sends anything again.');
  await stage.until(async () => ((await countOf(stage, 'queued')) === 0 ? true : undefined));
  await stage.until(async () => ((await countOf(stage, 'submitting')) === 0 ? true : undefined));
  const took = (Date.now() - startedAt) / 1_000;
  narrator.say(
    `Drained in ${took.toFixed(1)} s, block included; ${CALLS_PER_WINDOW} calls in ${WINDOW_SECONDS} s are allowed.`,
  );
  narrator.check(`all ${EVENTS} are paid for, each once`, stage.charges() - before === EVENTS);
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

/** Requests of a status, up to a page: more are not made here. */
const countOf = async (stage: Stage, status: string): Promise<number> =>
  (await stage.call('GET', `/photo-avatars?limit=100&status=${status}`)).body.items.length;
