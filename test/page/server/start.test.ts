import { expect, it, onTestFinished } from 'vitest';
import { createHandlerServer, listen } from '../../../local/server.ts';
import { startTestPage } from '../../support/page-world.ts';

/** A page whose service answers when it is told. */
const givenSlowService = async () => {
  const [arrived, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const service = await listen(
    createHandlerServer(async (_request, response) => {
      arrived.resolve();
      await answer.promise;
      response.end('{}');
    }),
  );
  onTestFinished(() => service.close());
  const page = await startTestPage({ api: { url: service.url } });
  const call = page.sendOwn('/console/api/account');
  await arrived.promise;
  return { page, call, answer: answer.resolve };
};

it('a server that is closed answers what is in progress, and takes nothing new', async () => {
  const { page, call, answer } = await givenSlowService();
  const closed = page.close();
  await expect(page.send('/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  answer();
  expect((await call).status).toBe(200);
  await closed;
});

it('a server that is closed abandons what is in progress if it is told to', async () => {
  const { page, call, answer } = await givenSlowService();
  const abandon = new AbortController();
  const closed = page.close(abandon.signal);
  abandon.abort();
  await expect(call).rejects.toMatchObject({ code: 'ECONNRESET' });
  await closed;
  answer();
});

it('a port that is in use is an error', async () => {
  const { page, call, answer } = await givenSlowService();
  answer();
  await call;
  const api = { url: page.origin };
  await expect(startTestPage({ api }, Number(page.port))).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await page.close();
});
