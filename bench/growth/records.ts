import { toItem } from '../../lambda/adapters/aws/dynamodb.ts';
import {
  afterCopying,
  afterPoll,
  isGenerating,
  published,
} from '../../lambda/domain/generation/generation-rules.ts';
import { type AvatarRecord, instantOf } from '../../lambda/domain/record/record.ts';
import { keyedId } from '../../lambda/domain/request/identity.ts';
import {
  acceptedAsClaimed,
  acceptedAsQueued,
  withOutcome,
} from '../../lambda/domain/submission/submission-rules.ts';
import { SAMPLE_REQUEST } from '../../local/sample-request.ts';

/** The record at a place is older than the one after it by this. */
const STEP_MS = 10;

/** Every tenth record is queued. */
const QUEUED_EVERY = 10;

const MINUTE = 60_000;

/** Of all records. */
export const CALLER = 'bench';

const fresh = { id: '', source: 'http', caller: CALLER, owner: CALLER, request: SAMPLE_REQUEST } as const;

/** A request that waits in the queue, without an id. */
export const queuedRecord = (now: number): AvatarRecord => acceptedAsQueued(fresh, { now, by: 'bench' });

/** A request with four copied images, whose end was published. */
const endedRecord = (now: number): AvatarRecord => {
  const at = { now, by: 'bench' };
  const claim = acceptedAsClaimed(fresh, { ...at, attemptId: 'attempt', leaseUntil: now });
  const photo = {
    status: 'generating',
    charged: 'yes',
    photoId: '25-8914ba353595b28faadd62b432c0a0a4',
  } as const;
  const generating = withOutcome(claim, photo, at);
  if (!isGenerating(generating)) throw new Error('An accepted record should be generating.');
  const images = [1, 2, 3, 4].map((place) => ({
    url: `https://res.jogg.ai/${photo.photoId}-${place}.png`,
    key: `${photo.photoId}-${place}`,
    copy: { key: `${photo.photoId}/${place}.png`, contentType: 'image/png', bytes: 1_500_000 },
  }));
  const done = { ...at, now: now + MINUTE };
  const polled = afterPoll(
    generating,
    { kind: 'succeeded', images },
    { generationTimeoutMs: 60 * MINUTE },
    done,
  );
  return published(afterCopying(polled, images, done), done);
};

/** The place of a record in the indexes, and the record as JSON. */
export interface StoredRecord {
  readonly id: string;
  readonly createdKey: string;
  /** Only of a queued record. */
  readonly dueAt: string | undefined;
  readonly text: string;
}

/** An id of the service's form. Cheap to make, and in no order. */
const idOf = (place: number): string =>
  `${(Math.imul(place, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0')}-0000-8000-8000-${place.toString(16).padStart(12, '0')}`;

export const isQueuedPlace = (place: number): boolean => place % QUEUED_EVERY === 0;

/** The records of a ledger, the oldest first: a tenth of them queued, the others ended. */
export const ledgerRecords = (count: number, now: number): ((place: number) => StoredRecord) => {
  const start = now - count * STEP_MS - 60 * MINUTE;
  const restOf = (record: AvatarRecord): string => {
    const { id: _id, createdAt: _createdAt, dueAt: _dueAt, ...rest } = record;
    return JSON.stringify(toItem({ ...rest, writeId: keyedId('bench', 'write') })).slice(1);
  };
  const [queued, ended] = [restOf(queuedRecord(start)), restOf(endedRecord(start))];
  return (place) => {
    const isQueued = isQueuedPlace(place);
    const id = idOf(place);
    const createdAt = instantOf(start + place * STEP_MS);
    const createdKey = `${createdAt}#${id}`;
    const due = isQueued ? `"dueAt":{"S":"${createdAt}"},` : '';
    return {
      id,
      createdKey,
      dueAt: isQueued ? createdAt : undefined,
      text: `{"id":{"S":"${id}"},"createdAt":{"S":"${createdAt}"},"createdKey":{"S":"${createdKey}"},${due}${isQueued ? queued : ended}`,
    };
  };
};
