import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HTTP_ALIAS, ROUTES } from '../../lambda/shared/routes.ts';
import { startHttpApi } from '../../local/emulators/http-api.ts';
import { listen, type RunningServer, readBody } from '../../local/server.ts';
import { documentIn, REQUEST_OPTIONS, runCli, scratchFolder } from '../support/cli.ts';
import { IDENTITIES, iamAuthorizer, REGION } from '../support/client-world.ts';
import { type RunningService, startRunningService } from '../support/running-service.ts';

const STACK = 'PhotoAvatars-prod';
const ACCOUNT = '111122223333';

const xml = (url: string, names: readonly string[]): string => {
  const outputs = `<Outputs><member><OutputKey>ApiUrl</OutputKey><OutputValue>${url}</OutputValue></member><member><OutputKey>PutApiKeyCommand</OutputKey><OutputValue>read</OutputValue></member></Outputs>`;
  const stacks = names.map(
    (name) =>
      `<member><StackName>${name}</StackName><StackId>arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/${name}/1</StackId><CreationTime>2026-11-26T10:00:00Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus>${name === 'Website' ? '' : outputs}</member>`,
  );
  return `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks>${stacks.join('')}</Stacks></DescribeStacksResult></DescribeStacksResponse>`;
};

const errorXml = (code: string, message: string): string =>
  `<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>1</RequestId></ErrorResponse>`;

let running: RunningService;
let api: RunningServer;
let cloudFormation: RunningServer;
let lookups: string[] = [];
const folder = scratchFolder();

beforeAll(async () => {
  running = await startRunningService();
  const authorizeIam = iamAuthorizer();
  api = await startHttpApi({
    routes: ROUTES,
    invoke: (event) => running.service.api.invoke(event, HTTP_ALIAS),
    authorize: (route, request) =>
      request.headers.authorization === 'Bearer secret-token'
        ? { jwt: { claims: { iss: 'https://issuer.example', sub: 'ann' } } }
        : authorizeIam(route, request),
  });
  cloudFormation = await listen(
    createServer(async (request, response) => {
      const body = new URLSearchParams((await readBody(request, 100_000))?.toString());
      const authorization = request.headers.authorization ?? '';
      lookups.push(authorization);
      const name = body.get('StackName');
      const known = [STACK, 'Website'];
      const [status, text] = !authorization.includes(IDENTITIES.desk.accessKeyId)
        ? [403, errorXml('ExpiredToken', 'The security token included in the request is expired')]
        : name === null
          ? [200, xml(api.url, known)]
          : known.includes(name)
            ? [200, xml(api.url, [name])]
            : [400, errorXml('ValidationError', `Stack with id ${name} does not exist`)];
      response.writeHead(Number(status), { 'content-type': 'text/xml' }).end(text);
    }),
  );
});
afterAll(async () => {
  await api.close();
  await cloudFormation.close();
  await running.close();
  folder.remove();
});

const { desk } = IDENTITIES;
const credentials = (identity: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }) => ({
  AWS_ACCESS_KEY_ID: identity.accessKeyId,
  AWS_SECRET_ACCESS_KEY: identity.secretAccessKey,
  AWS_SESSION_TOKEN: identity.sessionToken,
});

const cli = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  runCli(args, {
    env: {
      AWS_ENDPOINT_URL_CLOUDFORMATION: cloudFormation.url,
      AWS_REGION: REGION,
      ...credentials(desk),
      ...env,
    },
  });

describe('a stack', () => {
  it('is found by its outputs, and requests to it are signed', async () => {
    const end = await cli(['submit', ...REQUEST_OPTIONS, '--stack', STACK, '--json']);
    expect(end.code).toBe(0);
    expect(documentIn(end)).toMatchObject({ status: 'generating', caller: desk.userArn });
    const [line] = end.stderr.split('\n');
    expect(line).toBe(
      `${STACK} · account ${ACCOUNT} · ${REGION} · JoggAI: simulator at ${running.simulator.url}, nothing is charged`,
    );
  });

  it('is looked up in the region of --region, which wins over the environment', async () => {
    lookups = [];
    await cli(['list', '--stack', STACK, '--region', REGION], { AWS_REGION: 'us-west-2' });
    expect(lookups).toEqual([expect.stringContaining(`/${REGION}/cloudformation/`)]);
  });

  it('that does not exist ends with 2, and the services of the region are named', async () => {
    const end = await cli(['list', '--stack', 'PhotoAvatar-prod']);
    expect(end.code).toBe(2);
    expect(end.stderr).toContain(`Did you mean "${STACK}"? Stacks of this service there: ${STACK}.`);
  });

  it('without the output ApiUrl ends with 2', async () => {
    expect(await cli(['list', '--stack', 'Website'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--url'),
    });
  });

  it('cannot be found with expired credentials: 4, and what to do', async () => {
    const end = await cli(['list', '--stack', STACK, '--json'], { AWS_ACCESS_KEY_ID: 'AKIAOTHER' });
    expect(end.code).toBe(4);
    expect(documentIn(end).error.message).toMatch(/expired.*aws sso login/);
  });

  it('whose API refuses the signature ends with 4', async () => {
    const end = await cli(['list', '--stack', STACK, '--json'], { AWS_SECRET_ACCESS_KEY: 'wrong' });
    expect(end.code).toBe(4);
    expect(documentIn(end).error.type).toBe('not-allowed');
    expect(end.stdout + end.stderr).not.toContain('wrong');
  });

  it('needs a region', async () => {
    const end = await cli(['list', '--stack', STACK], { AWS_REGION: undefined });
    expect(end).toMatchObject({ code: 2, stderr: expect.stringContaining('--region') });
  });
});

describe('the credentials', () => {
  it('come from the profile of --profile', async () => {
    const file = folder.in('credentials');
    const { accessKeyId, secretAccessKey, sessionToken } = desk;
    writeFileSync(
      file,
      `[desk]\naws_access_key_id=${accessKeyId}\naws_secret_access_key=${secretAccessKey}\naws_session_token=${sessionToken}\n`,
    );
    const env = {
      AWS_SHARED_CREDENTIALS_FILE: file,
      ...credentials({ accessKeyId: 'AKIAOTHER', secretAccessKey: 'x' }),
    };
    expect(await cli(['list', '--stack', STACK, '--profile', 'desk'], env)).toMatchObject({ code: 0 });
    const missing = await cli(['list', '--stack', STACK, '--profile', 'dest'], env);
    expect(missing).toMatchObject({ code: 4, stderr: expect.stringContaining('profile "dest"') });
  });

  it('are a token from a file or the environment, where the service takes tokens', async () => {
    const file = folder.in('token');
    writeFileSync(file, 'secret-token\n');
    const byFile = await cli([
      'submit',
      ...REQUEST_OPTIONS,
      '--url',
      api.url,
      '--token-file',
      file,
      '--json',
    ]);
    expect(documentIn(byFile)).toMatchObject({ caller: 'https://issuer.example#ann' });
    const byVariable = await cli(['account', '--url', api.url], { PHOTO_AVATARS_TOKEN: 'secret-token' });
    expect(byVariable.code).toBe(0);
    const wrong = await cli(['account', '--url', api.url], { PHOTO_AVATARS_TOKEN: 'other-token' });
    expect(wrong.code).toBe(4);
    expect(wrong.stdout + wrong.stderr).not.toContain('other-token');
  });

  it('are not read from a file that is missing or empty: 2', async () => {
    const empty = folder.in('empty');
    writeFileSync(empty, '\n');
    for (const file of [empty, folder.in('missing')]) {
      expect(await cli(['account', '--url', api.url, '--token-file', file])).toMatchObject({ code: 2 });
    }
  });
});
