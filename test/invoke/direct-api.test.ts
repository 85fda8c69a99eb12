import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../lambda/domain/outcome.ts';
import { createDirectApi } from '../../lambda/invoke/direct-api.ts';
import { createViewOf } from '../../lambda/views/record-view.ts';
import { AVATAR } from '../support/requests.ts';
import { createWorld, type World } from '../support/submission-world.ts';

const SECRET = 'joggai-api-key';

const given = (answer?: Outcome) => {
  const world = createWorld();
  if (answer) world.joggai.answer = () => answer;
  const submissions: string[] = [];
  const invoke = (event: unknown, from: World = world) =>
    createDirectApi({
      submitter: from.process(),
      secretId: SECRET,
      viewOf: createViewOf('pictures'),
      onSubmission: ({ kind }) => submissions.push(kind),
    })(event, from.invocation());
  return { world, invoke, submissions };
};
const refused = (reason: Extract<Outcome, { kind: 'refused' }>['reason'], code: number): Outcome => ({
  kind: 'refused',
  reason,
  code,
  message: 'JoggAI message',
});

describe('a direct invocation', () => {
  it('returns the record of a request that JoggAI accepts', async () => {
    const { invoke, submissions } = given();
    expect(await invoke(AVATAR)).toMatchObject({ status: 'generating', charged: 'yes', source: 'invoke' });
    expect(submissions).toEqual(['submitted']);
  });

  it('with the same idempotency_key returns the same record, and JoggAI charges once', async () => {
    const { invoke, world } = given();
    const event = { ...AVATAR, idempotency_key: 'execution-1' };
    const [first, second] = [await invoke(event), await invoke(event)];
    expect(second).toEqual(first);
    expect(world.joggai.charges).toBe(1);
  });

  it('returns a queued record while JoggAI limits the rate', async () => {
    const { invoke } = given({ kind: 'rate_limited', retryAfterSeconds: 9 });
    expect(await invoke(AVATAR)).toMatchObject({ status: 'queued' });
    expect(await invoke(AVATAR)).toMatchObject({ status: 'queued', attempts: 0 });
  });

  it.each<[string, Outcome]>([
    ['InsufficientCredit', refused('insufficient_credit', 18020)],
    ['NoPermission', refused('no_permission', 18025)],
    ['InvalidApiKey', refused('invalid_key', 10105)],
    ['RejectedByJoggAI', refused('invalid_parameters', 40000)],
    ['JoggAIFailed', { kind: 'failed', code: 50000, message: '' }],
    ['InDoubt', { kind: 'no_answer', cause: 'ECONNRESET' }],
  ])('throws %s, which a Catch can match, with the id of the record', async (name, outcome) => {
    const { invoke, world } = given(outcome);
    const error = await invoke(AVATAR).catch((thrown: unknown) => thrown);
    const [record] = world.ledger.records();
    expect(error).toMatchObject({ name, message: expect.stringContaining(record?.id ?? 'no record') });
  });

  it('throws the rejection before anything is sent', async () => {
    const { invoke, world } = given();
    await world.gate().pause({ by: 'operator' });
    await expect(invoke(AVATAR)).rejects.toMatchObject({ name: 'Paused' });
    const atDailyLimit = createWorld({ dailyCallLimit: 1 });
    await invoke(AVATAR, atDailyLimit);
    await expect(invoke(AVATAR, atDailyLimit)).rejects.toMatchObject({ name: 'DailyLimitReached' });
    expect(atDailyLimit.joggai.calls).toHaveLength(1);
    expect(world.joggai.calls).toEqual([]);
  });

  it('throws InvalidRequest with every invalid field, and records nothing', async () => {
    const { invoke, world, submissions } = given();
    const error = await invoke({ ...AVATAR, age: 'adult', photo_url: 'x' }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({
      name: 'InvalidRequest',
      message: expect.stringMatching(/age .*\(another field\) .*image_url/),
    });
    expect(world.ledger.records()).toEqual([]);
    expect(submissions).toEqual(['invalid']);
  });

  it('throws IdempotencyKeyReused for another request under the same key', async () => {
    const { invoke } = given();
    await invoke({ ...AVATAR, idempotency_key: 'execution-1' });
    await expect(invoke({ ...AVATAR, age: 'Elderly', idempotency_key: 'execution-1' })).rejects.toMatchObject(
      {
        name: 'IdempotencyKeyReused',
      },
    );
  });

  it('throws MissingApiKey with the command that sets it', async () => {
    const { invoke, world } = given();
    world.secret.remembered = { kind: 'unset' };
    await expect(invoke(AVATAR)).rejects.toMatchObject({
      name: 'MissingApiKey',
      message: expect.stringContaining(`put-secret-value --secret-id ${SECRET}`),
    });
    expect(world.ledger.records()).toEqual([]);
  });
});
