import { describe, expect, it } from 'vitest';
import { createRefresh } from '../../lambda/domain/generation/refresh.ts';
import type { GenerationStatus } from '../../lambda/domain/ports.ts';
import { actionsOf, RECORD_ACTIONS, type RecordAction } from '../../lambda/domain/record/actions.ts';
import { createErase } from '../../lambda/domain/record/erase.ts';
import { type AvatarRecord, OPEN_STATES, STATUSES } from '../../lambda/domain/record/record.ts';
import { createCancel } from '../../lambda/domain/submission/cancel.ts';
import { createResolve } from '../../lambda/domain/submission/resolve.ts';
import { acceptedAsQueued } from '../../lambda/domain/submission/submission-rules.ts';
import { createHttpApi, type HttpApiPorts } from '../../lambda/http/http-api.ts';
import { createViewOf } from '../../lambda/views/record-view.ts';
import { createInMemoryLedger } from '../../model/in-memory-ledger.ts';
import { httpEvent } from '../support/http-event.ts';
import { AVATAR } from '../support/requests.ts';

const ID = '43de21ae-ff23-8f46-99e6-398680338df2';
const NOW = Date.parse('2026-11-26T12:00:00.000Z');
const INSTANT = new Date(NOW).toISOString();

const BASE = acceptedAsQueued(
  { id: ID, source: 'http', caller: 'someone', owner: 'someone', request: AVATAR },
  { now: NOW, by: 'api' },
);

/** Every combination of these, also those that the service never writes. */
const combinations = <Part extends object>(...choices: readonly (readonly Part[])[]): Part[] =>
  choices.reduce<Part[]>(
    (all, parts) => all.flatMap((one) => parts.map((part) => ({ ...one, ...part }))),
    [{} as Part],
  );

const RECORDS: readonly AvatarRecord[] = combinations<Partial<AvatarRecord>>(
  STATUSES.map((status) => ({ status })),
  [{ open: undefined, dueAt: undefined }, ...OPEN_STATES.map((open) => ({ open, dueAt: INSTANT }))],
  [{ charged: 'no' }, { charged: 'yes' }],
  [{}, { request: undefined }],
  [{}, { photoId: 'photo-1', generatingSince: INSTANT }],
  [{}, { resolution: { action: 'close', by: 'ann', reason: 'seen', at: INSTANT } }],
  [{}, { erasure: { by: 'ann', at: INSTANT } }],
).map((parts) => ({ ...BASE, ...parts }));

const ROUTE_OF: Record<RecordAction, string> = {
  cancel: 'POST /photo-avatars/{id}/cancellation',
  resubmit: 'POST /photo-avatars/{id}/resolution',
  close: 'POST /photo-avatars/{id}/resolution',
  refresh: 'POST /photo-avatars/{id}/refresh',
  erase: 'DELETE /photo-avatars/{id}',
};

const viewOf = createViewOf('pictures');

/** The status of the route's answer for this record. */
const answerTo = async (action: RecordAction, record: AvatarRecord): Promise<number> => {
  const ledger = createInMemoryLedger();
  await ledger.create(record);
  const clock = () => NOW;
  const http = createHttpApi({
    ledger: { ...ledger, list: async () => ({ records: [] }), positionOf: async () => undefined },
    cancel: createCancel({ ledger, clock }),
    resolve: createResolve({ ledger, clock }),
    erase: createErase({ ledger, clock }),
    viewOf,
    refresh: createRefresh({
      ledger,
      clock,
      apiKeys: { current: async () => ({ kind: 'present', value: 'key' }) },
      freeApi: { generationStatus: async (): Promise<GenerationStatus> => ({ kind: 'running' }) },
      events: { ended() {} },
      pollGeneration: async (polled) => polled,
    }),
  } as Partial<HttpApiPorts> as HttpApiPorts);
  const isDecision = action === 'resubmit' || action === 'close';
  const event = httpEvent({
    routeKey: ROUTE_OF[action],
    body: isDecision ? JSON.stringify({ action, version: record.version, reason: 'decided' }) : undefined,
    authorizer: { iam: { userArn: 'arn:aws:iam::111122223333:user/ann' } },
  });
  const { statusCode } = await http(
    { ...event, pathParameters: { id: ID } },
    { id: 'invocation', deadline: NOW + 29_000 },
  );
  return statusCode;
};

/** A repetition is answered as the first time, but there is nothing left to do. */
const isRepetition = (action: RecordAction, { status, erasure }: AvatarRecord): boolean =>
  (action === 'cancel' && status === 'cancelled') || (action === 'erase' && erasure !== undefined);

describe('the actions of a record', () => {
  it.each(RECORD_ACTIONS)('list %s exactly when its route accepts it, in every state', async (action) => {
    const seen = { listed: 0, unlisted: 0 };
    for (const record of RECORDS.filter((each) => !isRepetition(action, each))) {
      const isListed = viewOf(record).actions.includes(action);
      const isAccepted = (await answerTo(action, record)) < 300;
      expect(isListed, JSON.stringify(record)).toBe(isAccepted);
      seen[isListed ? 'listed' : 'unlisted'] += 1;
    }
    expect(Math.min(seen.listed, seen.unlisted)).toBeGreaterThan(0);
  });

  it('leave out a cancellation or an erasure that has happened', () => {
    for (const record of RECORDS.filter(({ status }) => status === 'cancelled'))
      expect(actionsOf(record)).not.toContain('cancel');
    for (const record of RECORDS.filter(({ erasure }) => erasure))
      expect(actionsOf(record)).not.toContain('erase');
  });

  it('of a request in doubt are its two decisions and its erasure', () => {
    const { open: _open, dueAt: _dueAt, ...ended } = BASE;
    expect(actionsOf({ ...ended, status: 'in_doubt', charged: 'unknown' })).toEqual([
      'resubmit',
      'close',
      'erase',
    ]);
  });
});
