import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { requireConsent } from '../../cli/consent.ts';

/** A terminal on which a person types this. */
const asked = async (typed: string, signal = new AbortController().signal) => {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = new PassThrough();
  input.write(typed);
  const answer = requireConsent(
    { question: 'This may be charged a second time.', expected: 'resubmit', option: '--yes', signal },
    { input, output },
  );
  const result = await answer.then(
    () => 'agreed',
    (error: unknown) => error,
  );
  output.end();
  return { result, shown: await text(output) };
};

describe('consent', () => {
  it('is given by typing the whole word, and the question says which', async () => {
    const { result, shown } = await asked('resubmit\n');
    expect(result).toBe('agreed');
    expect(shown).toContain('This may be charged a second time. Type "resubmit" to go on: ');
  });

  it.each(['y\n', 'yes\n', '\n', 'RESUBMIT\n'])('is not given by another answer: %j', async (typed) => {
    expect((await asked(typed)).result).toMatchObject({ exitCode: 2 });
  });

  it('is not given by Ctrl-C', async () => {
    const controller = new AbortController();
    controller.abort();
    expect((await asked('', controller.signal)).result).toMatchObject({ name: 'AbortError' });
  });
});
