import { describe, expect, it } from 'vitest';
import { PhotoAvatarsError } from '../../../client/errors.ts';
import type { AccountBody, RecordView } from '../../../client/index.ts';
import { stateText } from '../../../page/app/text/account.ts';
import { answerText, dryRunText } from '../../../page/app/text/answer.ts';
import { showCommand } from '../../../page/app/text/commands.ts';
import { durationText, stepText } from '../../../page/app/text/durations.ts';
import { callerText, detailOf, isToResolve, statusText, summaryOf } from '../../../page/app/text/statuses.ts';
import { troubleOf } from '../../../page/app/text/trouble.ts';
import { turnOf } from '../../../page/app/text/turn.ts';

const NOW = Date.parse('2026-11-27T12:00:00Z');

const account = (change: Partial<AccountBody> = {}): AccountBody => ({
  state: 'open',
  slots: { total: 20, in_use: 3 },
  calls_today: 7,
  daily_call_limit: 1_000,
  joggai_url: 'https://api.jogg.ai',
  ...change,
});

const record = (change: Partial<RecordView> = {}): RecordView => ({
  id: 'a-1',
  version: 3,
  status: 'queued',
  charged: 'no',
  source: 'http',
  caller: 'x',
  attempts: 0,
  actions: [],
  created_at: '2026-11-27T11:59:00Z',
  updated_at: '2026-11-27T11:59:00Z',
  history: [],
  ...change,
});

describe('durations', () => {
  it.each([
    [400, '0 s'],
    [59_400, '59 s'],
    [119_000, '1 min'],
    [3 * 3_600_000 + 5 * 60_000, '3 h 5 min'],
    [2 * 86_400_000, '2 d'],
    [-5_000, '0 s'],
  ])('%d ms are %s', (milliseconds, text) => expect(durationText(milliseconds)).toBe(text));

  it('of steps are exact while they are short', () => {
    expect([140, 12_300, -3].map(stepText)).toEqual(['0.1 s', '12 s', '0.0 s']);
  });
});

describe('the state of the account', () => {
  it('says why no call is made, and what ends it', () => {
    const blocked = stateText(
      account({ state: 'blocked', reason: 'insufficient_credit', until: '2026-11-27T12:01:00Z' }),
      NOW,
    );
    expect(blocked.why).toContain('no credit left');
    expect(blocked.end).toMatch(/^Top up the JoggAI account\. The service tests it with one call after /);
    expect(stateText(account({ state: 'paused', paused_by: 'Ada' }), NOW).why).toContain('paused by Ada');
    expect(stateText(account({ state: 'backing_off' }), NOW).end).toContain('recovers');
    expect(stateText(account({ state: 'daily_limit_reached' }), NOW).why).toContain('1000');
  });

  it('has no reason while it is open', () => {
    expect(stateText(account(), NOW)).toEqual({ name: 'Open', tone: 'good' });
  });
});

describe('the turn of a queued request', () => {
  const position = { ahead: 40 };

  it('is estimated from the rate of the account', () => {
    const turn = turnOf(record({ position }), account(), NOW);
    expect(turn?.place).toBe('40 requests are ahead of it.');
    expect(turn?.time).toBe('Its turn comes in about 3 minutes, at 20 calls a minute.');
    expect(turnOf(record({ position: { ahead: 0 } }), account(), NOW)).toEqual({
      place: 'It is the first in the line.',
      time: 'Its turn comes in about 1 minute, at 20 calls a minute.',
    });
  });

  it('is a lower bound where not all were counted', () => {
    const turn = turnOf(record({ position: { ahead: 1_000, at_least: true } }), account(), NOW);
    expect(turn?.place).toBe('At least 1,000 requests are ahead of it.');
    expect(turn?.time).toContain('or more');
  });

  it.each(['paused', 'blocked', 'backing_off', 'daily_limit_reached'] as const)(
    'is not estimated while the account is %s, and the reason is told',
    (state) => {
      const turn = turnOf(record({ position }), account({ state, reason: 'invalid_key' }), NOW);
      expect(turn?.time).toMatch(/^No estimate while the account is .{5,}\. .{20,}/);
      expect(turn?.time).not.toContain('about');
    },
  );

  it('is not told of a request that does not wait', () => {
    expect(turnOf(record({ status: 'generating', position }), account(), NOW)).toBeUndefined();
    expect(turnOf(record(), account(), NOW)).toBeUndefined();
  });
});

describe('a record in words', () => {
  it('is summed up by its choices, and told apart by its words or its failure', () => {
    const request = {
      age: 'Adult',
      gender: 'Male',
      avatar_style: 'Social',
      model: 'modern',
      aspect_ratio: 'square',
      appearance: 'a hat',
    } as const;
    expect(summaryOf(record({ request }))).toBe('Adult · Male · Social');
    expect(detailOf(record({ request }))).toBe('a hat');
    const error = { code: 'no_answer', message: 'No answer came back.', advice: 'Look.' };
    expect(detailOf(record({ request, status: 'in_doubt', error }))).toBe('No answer came back.');
    expect(summaryOf(record({ erasure: { by: 'x', at: '' } }))).toBe('Erased request');
    expect(
      detailOf(record({ invalid: { body: '{}', errors: [{ field: 'age', message: 'is required' }] } })),
    ).toBe('age is required');
  });

  it('is to be resolved where the service offers a decision', () => {
    expect(isToResolve(record({ actions: ['close', 'erase'] }))).toBe(true);
    expect(isToResolve(record({ actions: ['refresh', 'erase'] }))).toBe(false);
  });

  it('shows a status that this page does not know', () => {
    expect(statusText('in_doubt')).toBe('In doubt');
    expect(statusText('new_status')).toBe('new_status');
  });

  it('names a caller by the end of the ARN', () => {
    expect(callerText('arn:aws:sts::1:assumed-role/Shop/session-1')).toBe('Shop/session-1');
    expect(callerText('arn:aws:iam::1:user/ada')).toBe('user/ada');
    expect(callerText('my.shop')).toBe('my.shop');
  });
});

describe('an answer in words', () => {
  const said = (change: Partial<RecordView>, isReplayed = false) =>
    answerText(record(change), { isReplayed, isSimulated: false });

  it('says what is charged', () => {
    expect(said({ status: 'generating', charged: 'yes' })).toContain('it is paid for');
    expect(said({ status: 'queued' })).toContain('Nothing is charged yet');
    expect(said({ status: 'in_doubt', charged: 'unknown' })).toContain('may have charged');
    expect(said({ status: 'succeeded' }, true)).toMatch(/^This key has a request already/);
  });

  it('of a dry run says whether a call would be made', () => {
    const dryRun = {
      dry_run: true,
      request: record().request as never,
      api_key: 'unset',
      account: account({ state: 'paused' }),
      owner: 'x',
    } as const;
    const text = dryRunText(dryRun, NOW);
    expect(text).toContain('no JoggAI key yet');
    expect(text).toContain('The account is paused');
    expect(text).toContain('Nothing was recorded or charged');
  });
});

describe('a failure in words', () => {
  const failure = (details: Partial<ConstructorParameters<typeof PhotoAvatarsError>[0]>) =>
    new PhotoAvatarsError({ message: 'M.', charged: 'no', advice: '', isRepeatable: false, ...details });

  it('has the title of the problem', () => {
    const error = failure({
      type: 'not-cancellable',
      status: 409,
      message: 'Not cancellable: It is paid.',
      requestId: 'r-1',
    });
    expect(troubleOf(error)).toEqual({ title: 'Not cancellable', text: 'It is paid.', requestId: 'r-1' });
  });

  it('says that the role does not allow it', () => {
    expect(troubleOf(failure({ status: 403 }))).toMatchObject({
      title: 'Not allowed',
      text: 'Your role may not do this. M.',
    });
  });

  it('is told, whatever was thrown', () => {
    expect(troubleOf(failure({})).title).toBe('No answer');
    expect(troubleOf(new Error('Broken.')).text).toBe('Broken.');
    expect(troubleOf('x').text).toBe('x');
  });
});

describe('the command for the same record', () => {
  const session = { service: 'S', version: '0.1.0', hasSimulator: false };

  it('names the stack, or the URL', () => {
    expect(
      showCommand('a-1', { ...session, kind: 'stack', stack: 'Avatars', region: 'eu-west-1' }, 'x'),
    ).toBe('npm exec photo-avatars -- show a-1 --stack Avatars --region eu-west-1');
    expect(showCommand('a-1', { ...session, kind: 'local' }, 'http://127.0.0.1:3000')).toBe(
      'npm exec photo-avatars -- show a-1 --url http://127.0.0.1:3000',
    );
  });

  it('cannot be made to run something else', () => {
    expect(showCommand("a'; rm x", undefined, 'http://h')).toContain("show 'a'\\''; rm x' --url");
  });
});
