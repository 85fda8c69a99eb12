import { afterCopying, afterPoll, isGenerating } from '../../lambda/domain/generation/generation-rules.ts';
import { nextState } from '../../lambda/domain/outcome.ts';
import type { AccountChange } from '../../lambda/domain/ports.ts';
import type { AvatarRecord } from '../../lambda/domain/record/record.ts';
import {
  acceptedAsClaimed,
  acceptedAsInvalid,
  acceptedAsQueued,
  cancelled,
  leaseExpired,
  withOutcome,
} from '../../lambda/domain/submission/submission-rules.ts';
import type { EndedStatus } from '../../lambda/shared/event-names.ts';
import { AVATAR } from './requests.ts';

export const at = (time: string) => ({ now: Date.parse(`2026-11-22T${time}Z`), by: 'an-invocation' });

const claimed = (id: string) =>
  acceptedAsClaimed(
    {
      id,
      source: 'http',
      caller: 'arn:aws:sts::111122223333:assumed-role/shop/web',
      request: AVATAR,
      idempotencyKey: 'order-4711',
      correlationId: 'JKJaXmPLvHcESHA=',
    },
    { ...at('09:15:02.114'), attemptId: 'an-attempt', leaseUntil: at('09:15:31').now },
  );

const generating = (id: string) => {
  const transition = nextState({ kind: 'accepted', photoId: 'photo_123' }, 'sync');
  const record: AvatarRecord = withOutcome(claimed(id), transition, at('09:15:03.480'));
  if (!isGenerating(record)) throw new Error('The record is not generating.');
  return record;
};

const POLLING = { generationTimeoutMs: 60 * 60_000 };
const PICTURES = [1, 2].map((n) => ({ url: `https://res.jogg.ai/photo/${n}.png`, key: `photo/${n}.png` }));

const EVENT_ID = '7bf73129-1428-4cd3-a780-95db273d1602';

/** A record in each final status, built by the code under test. */
export const ENDS = {
  succeeded: () => {
    const id = '5f0c2ad6-7f3e-8a41-9c1b-3d2f6e7a8b90';
    const poll = { kind: 'succeeded', images: PICTURES } as const;
    const polled = afterPoll(generating(id), poll, POLLING, at('09:18:00.912'));
    const copied = PICTURES.map((picture, index) => ({
      ...picture,
      copy: { key: `images/${id}/${index + 1}.png`, contentType: 'image/png', bytes: 1_482_113 + index },
    }));
    return afterCopying(polled, copied, at('09:18:02.350'));
  },
  failed: () =>
    afterPoll(
      generating('a2d4c6e8-1b3d-8f50-8a7c-9e0f1a2b3c4d'),
      { kind: 'failed', message: 'image_url could not be downloaded' },
      POLLING,
      at('09:17:00.437'),
    ),
  rejected: () =>
    acceptedAsInvalid(
      {
        id: '0199a6f4-3c2b-7d1e-8f90-a1b2c3d4e5f6',
        source: 'eventbridge',
        caller: 'my.shop',
        body: '{"age":"adult"}',
        errors: [{ field: 'age', message: 'must be one of the documented values' }],
        idempotencyKey: undefined,
        correlationId: EVENT_ID,
      },
      at('09:20:11.008'),
    ),
  in_doubt: () => leaseExpired(claimed('c3b5a790-6e4d-8c2f-b1a0-7f6e5d4c3b2a'), at('09:16:00.221')),
  cancelled: () =>
    cancelled(
      acceptedAsQueued(
        {
          id: 'd4e6f8a0-2b4c-8d6e-9f10-a2b3c4d5e6f7',
          source: 'eventbridge',
          caller: 'my.shop',
          request: AVATAR,
          idempotencyKey: 'order-4712',
          correlationId: EVENT_ID,
        },
        at('09:15:02.114'),
      ),
      'arn:aws:sts::111122223333:assumed-role/shop/web',
      at('09:15:40.870'),
    ),
} as const satisfies Record<EndedStatus, () => AvatarRecord>;

/** Each change of the account that is published. */
export const ACCOUNT_CHANGES: readonly AccountChange[] = [
  { kind: 'blocked', reason: 'insufficient_credit', since: at('10:02:41.730').now },
  { kind: 'unblocked', since: at('10:02:41.730').now, at: at('10:31:00.118').now },
];
