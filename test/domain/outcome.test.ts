import { describe, expect, it } from 'vitest';
import { judge, type Outcome, type Patience, REFUSALS, type Verdict } from '../../lambda/domain/outcome.ts';

const PHOTO_ID = 'photo-1';
const refused = (reason: Extract<Outcome, { kind: 'refused' }>['reason'], code: number): Outcome => ({
  kind: 'refused',
  reason,
  code,
  message: `words of ${code}`,
});

const OUTCOMES: Record<string, Outcome> = {
  'code 0 with a photo_id': { kind: 'accepted', photoId: PHOTO_ID },
  'code 429': { kind: 'rate_limited', retryAfterSeconds: 7 },
  'code 18020': refused('insufficient_credit', 18020),
  'code 18025': refused('no_permission', 18025),
  'code 10105': refused('invalid_key', 10105),
  'code 40000': refused('invalid_parameters', 40000),
  'code 50000': { kind: 'failed', code: 50000, message: 'words of 50000' },
  'HTTP 4xx without a body': { kind: 'turned_away', httpStatus: 403 },
  'nothing sent': { kind: 'not_sent', cause: 'ECONNREFUSED' },
  'no answer': { kind: 'no_answer', cause: 'ECONNRESET' },
};

type Row = readonly [outcome: string, now: Verdict['status'], later: Verdict['status'], Verdict['charged']];

const TABLE: readonly Row[] = [
  ['code 0 with a photo_id', 'generating', 'generating', 'yes'],
  ['code 429', 'queued', 'queued', 'no'],
  ['code 18020', 'rejected', 'queued', 'no'],
  ['code 18025', 'rejected', 'queued', 'no'],
  ['code 10105', 'rejected', 'queued', 'no'],
  ['code 40000', 'rejected', 'rejected', 'no'],
  ['code 50000', 'failed', 'failed', 'unknown'],
  ['HTTP 4xx without a body', 'failed', 'failed', 'no'],
  ['nothing sent', 'queued', 'queued', 'no'],
  ['no answer', 'in_doubt', 'in_doubt', 'unknown'],
];

const verdictOn = (name: string, patience: Patience): Verdict => {
  const outcome = OUTCOMES[name];
  if (!outcome) throw new Error(`No outcome is called ${name}.`);
  return judge(outcome, patience);
};

describe('the verdict', () => {
  it.each(TABLE)('on %s is %s for one who waits and %s for one who does not, charged: %s', (...row) => {
    const [name, now, later, charged] = row;
    expect(verdictOn(name, 'now')).toMatchObject({ status: now, charged });
    expect(verdictOn(name, 'later')).toMatchObject({ status: later, charged });
  });

  it('covers every outcome', () => {
    expect(TABLE.map(([name]) => name)).toEqual(Object.keys(OUTCOMES));
  });

  it('leaves a request to be submitted again only where it was certainly not charged', () => {
    for (const outcome of Object.values(OUTCOMES)) {
      for (const patience of ['now', 'later'] as const) {
        const { status, charged } = judge(outcome, patience);
        if (status === 'queued' || status === 'rejected') expect(charged).toBe('no');
      }
    }
  });

  it('holds the photo_id where there is one, and otherwise what is wrong and what to do', () => {
    for (const [name, outcome] of Object.entries(OUTCOMES)) {
      const { photoId, error } = judge(outcome, 'now');
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
    ['HTTP 4xx without a body', 'turned_away', undefined],
    ['nothing sent', 'not_sent', undefined],
    ['no answer', 'no_answer', undefined],
  ] as const)(
    "on %s has the code %s, with JoggAI's own code and words where it gave any",
    (name, code, joggai) => {
      const { error } = verdictOn(name, 'now');
      expect(error?.code).toBe(code);
      expect(error?.joggai).toEqual(joggai && { code: joggai, message: `words of ${joggai}` });
    },
  );
});

describe('what a refusal tells people', () => {
  it('is that nothing was charged', () => {
    for (const { message } of Object.values(REFUSALS)) expect(message).toContain('Nothing was charged');
  });
});
