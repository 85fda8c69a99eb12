import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listen, type RunningServer, readBody, sendJson } from '../../local/server.ts';
import { documentIn, runCli, scratchFolder } from '../support/cli.ts';
import { AVATAR } from '../support/requests.ts';
import { type RunningService, startRunningService } from '../support/running-service.ts';

const ROWS = 30;

/** API Gateway in front of the service: it throttles every third submission, and counts those in flight. */
let running: RunningService;
let gateway: RunningServer;
let inFlight = 0;
let mostInFlight = 0;
let throttled = 0;
let submissions = 0;
const folder = scratchFolder();

const forward = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const body = await readBody(request, 100_000);
  const isSubmission = request.method === 'POST' && request.url === '/photo-avatars';
  if (isSubmission) {
    submissions += 1;
    if (submissions % 3 === 0) {
      throttled += 1;
      return sendJson(response, 429, { message: 'Too Many Requests' });
    }
  }
  inFlight += 1;
  mostInFlight = Math.max(mostInFlight, inFlight);
  const { 'idempotency-key': key, prefer } = request.headers;
  const answer = await fetch(new URL(request.url ?? '/', running.service.url), {
    method: request.method ?? 'GET',
    headers: {
      'content-type': 'application/json',
      ...(key && { 'idempotency-key': String(key) }),
      ...(prefer && { prefer: String(prefer) }),
    },
    ...(body?.length && { body: new Uint8Array(body) }),
  });
  inFlight -= 1;
  sendJson(response, answer.status, await answer.json());
};

beforeAll(async () => {
  running = await startRunningService();
  gateway = await listen(createServer((request, response) => void forward(request, response)));
});
afterAll(async () => {
  await gateway.close();
  await running.close();
  folder.remove();
});

it('a batch obeys the throttling of the API: every request is recorded once, a few at a time', async () => {
  const file = folder.in('throttled.jsonl');
  writeFileSync(file, `${JSON.stringify(AVATAR)}\n`.repeat(ROWS));
  const end = await runCli(['batch', file, '--yes', '--no-wait', '--json', '--url', gateway.url]);
  expect(end.code).toBe(8);
  expect(documentIn(end)).toMatchObject({ counts: { queued: ROWS }, failures: [] });
  expect(throttled).toBeGreaterThan(ROWS / 3);
  expect(mostInFlight).toBeLessThanOrEqual(4);
  expect(await running.records()).toHaveLength(ROWS);
});
