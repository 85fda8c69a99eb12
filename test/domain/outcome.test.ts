import { describe, expect, it } from 'vitest';
import {
  nextState,
  type Outcome,
  REFUSALS,
  type SubmissionMode,
  type Transition,
} from '../../lambda/domain/outcome.ts';

const PHOTO_ID = 'photo-1';
const refused = (reason: Extract<Outcome, { kind: 'refused' }>['reason'], code: number): Outcome => ({
  kind: 'refused',
  reason,
  code,
  message: `message of ${code}`,
});

const OUTCOMES: Record<string, Outcome> = {
  'code 0 with a photo_id': { kind: 'accepted', photoId: PHOTO_ID },
  'code 429': { kind: 'rate_limited', retryAfterSeconds: 7 },
  'code 18020': refused('insufficient_credit', 18020),
  'code 18025': refused('no_permission', 18025),
  'code 10105': refused('invalid_key', 10105),
  'code 40000': refused('invalid_parameters', 40000),
  'code 50000': { kind: 'failed', code: 50000, message: 'message of 50000' },
  'HTTP 4xx without a body': { kind: 'http_rejected', httpStatus: 403 },
  'nothing sent': { kind: 'not_sent', cause: 'ECONNREFUSED' },
  'no answer': { kind: 'no_answer', cause: 'ECONNRESET' },
};

type Row = readonly [
  outcome: string,
  sync: Transition['status'],
  async: Transition['status'],
  Transition['charged'],
];

const TABLE: readonly Row[] = [
  ['code 0 with a photo_id', 'generating', 'generating', 'yes'],
  ['code 429', 'queued', 'queued', 'no'],
  ['code 18020', 'rejected', 'queued', 'no'],
  ['code 18025', 'rejected', 'queued', 'no'],
  ['code 10105', 'rejected', 'queued', 'no'],
  ['code 40000', 'rejected', 'rejected', 'no'],
  ['code 50000', 'failed', 'failed', 'unknown'],
  ['HTTP 4xx without a body', 'queued', 'queued', 'no'],
  ['nothing sent', 'queued', 'queued', 'no'],
  ['no answer', 'in_doubt', 'in_doubt', 'unknown'],
];

const stateAfter = (name: string, mode: SubmissionMode): Transition => {
  const outcome = OUTCOMES[name];
  if (!outcome) throw new Error(`There is no outcome ${name}.`);
  return nextState(outcome, mode);
};

describe('the next state', () => {
  it.each(TABLE)('after %s is %s for a waiting caller and %s for an event, charged: %s', (...row) => {
    const [name, sync, async, charged] = row;
    expect(stateAfter(name, 'sync')).toMatchObject({ status: sync, charged });
    expect(stateAfter(name, 'async')).toMatchObject({ status: async, charged });
  });

  it('covers every outcome', () => {
    expect(TABLE.map(([name]) => name)).toEqual(Object.keys(OUTCOMES));
  });

  it('allows another submission only if the request was certainly not charged', () => {
    for (const outcome of Object.values(OUTCOMES)) {
      for (const mode of ['sync', 'async'] as const) {
        const { status, charged } = nextState(outcome, mode);
        if (status === 'queued' || status === 'rejected') expect(charged).toBe('no');
      }
    }
  });

  it('has the photo_id of an accepted request, or an error with a message and an advice', () => {
    for (const [name, outcome] of Object.entries(OUTCOMES)) {
      const { photoId, error } = nextState(outcome, 'sync');
      if (outcome.kind === 'accepted') expect({ photoId, error }).toEqual({ photoId: PHOTO_ID });
      else
        expect(error, name).toMatchObject({
          message: expect.stringMatching(/./),
          advice: expect.stringMatching(/./),
        });
    }
  });

  it.each([
    ['code 429', 'rate_limited', undefined],
    ['code 18020', 'insufficient_credit', 18020],
    ['code 18025', 'no_permission', 18025],
    ['code 10105', 'invalid_key', 10105],
    ['code 40000', 'invalid_parameters', 40000],
    ['code 50000', 'joggai_error', 50000],
    ['HTTP 4xx without a body', 'http_rejected', undefined],
    ['nothing sent', 'not_sent', undefined],
    ['no answer', 'no_answer', undefined],
  ] as const)(
    "after %s has the code %s, with JoggAI's code and message if it sent any",
    (name, code, joggai) => {
      const { error } = stateAfter(name, 'sync');
      expect(error?.code).toBe(code);
      expect(error?.joggai).toEqual(joggai && { code: joggai, message: `message of ${joggai}` });
    },
  );
});

describe('the message of a refusal', () => {
  it('says that nothing was charged', () => {
    for (const { message } of Object.values(REFUSALS)) expect(message).toContain('Nothing was charged');
  });
});
