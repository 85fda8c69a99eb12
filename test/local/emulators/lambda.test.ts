import { afterEach, describe, expect, it } from 'vitest';
import { startLambda } from '../../../local/emulators/lambda.ts';
import { FunctionError } from '../../../local/functions/function-error.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).reverse()) await cleanUp();
});

const start = async (invoke: (event: unknown) => Promise<unknown> = async (event) => ({ got: event })) => {
  const running = await startLambda({ functions: { echo: { invoke } } });
  cleanups.push(running.close);
  return (body: string, { name = 'echo', headers = {} } = {}) =>
    fetch(`${running.url}/2015-03-31/functions/${name}/invocations`, { method: 'POST', body, headers });
};

describe('the Lambda emulator', () => {
  it('returns the result of the function', async () => {
    const answer = await (await start())('{"a":1}');
    expect(answer.status).toBe(200);
    expect(answer.headers.has('x-amz-function-error')).toBe(false);
    expect(await answer.json()).toEqual({ got: { a: 1 } });
  });

  it('answers 200 with the name and the message of the function error', async () => {
    const failing = await start(async () => {
      throw new FunctionError({ name: 'Paused', message: 'by an operator' });
    });
    const answer = await failing('{}');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-amz-function-error')).toBe('Unhandled');
    expect(await answer.json()).toEqual({ errorType: 'Paused', errorMessage: 'by an operator' });
  });

  it('rejects an unknown function and a payload that is not JSON', async () => {
    const call = await start();
    expect((await call('{}', { name: 'toString' })).status).toBe(404);
    expect((await call('no JSON')).status).toBe(400);
  });
});
