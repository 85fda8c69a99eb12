import { type Item, toItem } from '../../lambda/adapters/aws/dynamodb.ts';
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

const fresh = { id: '', source: 'http', caller: 'bench', owner: 'bench', request: SAMPLE_REQUEST } as const;

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

/** The record at one place: the attributes that differ from record to record, and all of it as JSON. */
export interface StoredRecord {
  readonly keys: Item;
  readonly text: () => string;
}

/** The records of a ledger, the oldest first: a tenth of them queued, the others ended. */
export const ledgerRecords = (count: number, now: number): ((place: number) => StoredRecord) => {
  const start = now - count * STEP_MS - 60 * MINUTE;
  const template = (record: AvatarRecord) => {
    const { id, createdAt, dueAt, ...rest } = toItem({ ...record, writeId: keyedId('bench', 'write') });
    return { rest, text: JSON.stringify(rest).slice(1), isOpen: dueAt !== undefined };
  };
  const [queued, ended] = [template(queuedRecord(start)), template(endedRecord(start))];
  return (place) => {
    const { rest, text, isOpen } = place % QUEUED_EVERY === 0 ? queued : ended;
    const id = keyedId('bench', String(place));
    const createdAt = instantOf(start + place * STEP_MS);
    const own = {
      id: { S: id },
      createdAt: { S: createdAt },
      createdKey: { S: `${createdAt}#${id}` },
      ...(isOpen && { dueAt: { S: createdAt } }),
    };
    return {
      keys: {
        ...own,
        ...(rest.open && { open: rest.open }),
        status: rest.status ?? { S: '' },
        caller: rest.caller ?? { S: '' },
      },
      text: () => `${JSON.stringify(own).slice(0, -1)},${text}`,
    };
  };
};
