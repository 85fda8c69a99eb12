import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../lambda/domain/outcome.ts';
import { createDirectApi } from '../../lambda/invoke/direct-api.ts';
import { createViewOf } from '../../lambda/views/record-view.ts';
import { AVATAR } from '../support/requests.ts';
import { createWorld } from '../support/submission-world.ts';

const EVENT = { ...AVATAR, idempotency_key: 'execution-1' };

const given = (answer?: Outcome) => {
  const world = createWorld();
  if (answer) world.joggai.answer = () => answer;
  const invoke = (event: unknown = EVENT) =>
    createDirectApi({
      submitter: world.process(),
      secretId: 'secret',
      viewOf: createViewOf('pictures'),
      onSubmission: () => {},
    })(event, world.invocation());
  return { world, invoke };
};

const thrownBy = (invocation: Promise<unknown>) =>
  invocation.then(
    () => undefined,
    ({ name, message }: Error) => ({ name, message }),
  );

describe('a direct invocation that is repeated under its key', () => {
  it.each<[string, Outcome]>([
    ['JoggAIFailed', { kind: 'failed', code: 50000, message: '' }],
    ['InDoubt', { kind: 'no_answer', cause: 'ECONNRESET' }],
  ])('throws %s again, and nothing more is paid', async (name, outcome) => {
    const { invoke, world } = given(outcome);
    const first = await thrownBy(invoke());
    expect(first).toMatchObject({ name });
    expect(await thrownBy(invoke())).toEqual(first);
    expect(world.joggai.calls).toHaveLength(1);
  });

  it('returns the record again if it was accepted or queued', async () => {
    for (const answer of [undefined, { kind: 'rate_limited', retryAfterSeconds: 9 } as const]) {
      const { invoke, world } = given(answer);
      expect(await invoke()).toEqual(await invoke());
      expect(world.joggai.calls).toHaveLength(1);
    }
  });
});

describe('the message that a direct invocation throws', () => {
  it('does not repeat the names of unknown fields, because Lambda logs it', async () => {
    const { invoke } = given();
    const fields = { scar_on_the_face: 1, photo_url: 'x', 'photo-url': 'y', __proto: 1 };
    const thrown = await thrownBy(invoke({ ...AVATAR, ...fields, age: undefined }));
    expect(thrown?.name).toBe('InvalidRequest');
    for (const name of Object.keys(fields)) expect(thrown?.message).not.toContain(name);
    expect(thrown?.message).toContain('age is required');
    expect(thrown?.message).toContain('the field is "image_url"');
  });

  it('is short, however many unknown fields there are', async () => {
    const { invoke } = given();
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`field_${at}`, at]));
    expect((await thrownBy(invoke({ ...AVATAR, ...many })))?.message.length).toBeLessThan(1_000);
  });
});
