import { afterAll, beforeAll, expect, it } from 'vitest';
import { HTTP_ALIAS, ROUTES } from '../../lambda/shared/routes.ts';
import { startHttpApi } from '../../local/emulators/http-api.ts';
import type { RunningServer } from '../../local/server.ts';
import { AVATAR } from '../support/requests.ts';
import { type RunningService, startRunningService } from '../support/running-service.ts';

let running: RunningService;
let entrance: RunningServer;
beforeAll(async () => {
  running = await startRunningService();
  entrance = await startHttpApi({
    routes: ROUTES,
    invoke: (event) => running.service.api.invoke(event, HTTP_ALIAS),
    // The caller's ARN stands in the header, as API Gateway takes it from the signature.
    authorize: (_route, { headers }) => ({ iam: { userArn: headers.authorization } }),
  });
});
afterAll(async () => {
  await entrance.close();
  await running.close();
});

const dryRun = async (userArn: string): Promise<unknown> => {
  const response = await fetch(`${entrance.url}/photo-avatars?dry_run=true`, {
    method: 'POST',
    headers: { authorization: userArn, 'content-type': 'application/json' },
    body: JSON.stringify(AVATAR),
  });
  return response.json();
};

const sessionOf = (role: string, session: string) =>
  `arn:aws:sts::111122223333:assumed-role/${role}/${session}`;

it('the account names the JoggAI that is paid, so that a caller can tell a simulator from the real one', async () => {
  const { body } = await running.call('GET', '/account');
  expect(body).toMatchObject({ joggai_url: running.simulator.url });
});

it('a dry run names the owner of the keys: the same for all sessions of a role, another for another role', async () => {
  const [first, again, other] = await Promise.all([
    dryRun(sessionOf('designers', 'ann')),
    dryRun(sessionOf('designers', 'bob')),
    dryRun(sessionOf('developers', 'ann')),
  ]);
  expect(first).toMatchObject({ owner: 'http:arn:aws:sts::111122223333:assumed-role/designers' });
  expect(again).toMatchObject({ owner: 'http:arn:aws:sts::111122223333:assumed-role/designers' });
  expect(other).toMatchObject({ owner: 'http:arn:aws:sts::111122223333:assumed-role/developers' });
  expect(first).toMatchObject({ account: { joggai_url: running.simulator.url } });
});
