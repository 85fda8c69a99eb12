import { callApi, chargesOf, outputOf, REQUEST, type World } from '../world.ts';

/** Sends a request before the API key is set, then sets the key. */
export const putApiKey = async (world: World, apiKey: string): Promise<void> => {
  const { report, aws } = world;
  report.section('A request without a JoggAI API key, then the key is set');
  const rejected = await callApi(world, aws, 'POST', '/photo-avatars', REQUEST);
  report.print(`HTTP ${rejected.status} · ${rejected.json?.detail}`);
  report.check(
    '503 with the problem api-key-missing',
    rejected.status === 503 && rejected.json?.type === 'urn:photo-avatars:problem:api-key-missing',
  );
  const secretId = /--secret-id (\S+)/.exec(outputOf(world, 'PutApiKeyCommand'))?.[1];
  await aws.json('secretsmanager', 'PutSecretValue', {
    SecretId: secretId,
    SecretString: apiKey,
    ClientRequestToken: crypto.randomUUID(),
  });
  report.check('nothing was charged', chargesOf(world) === 0);
};

/** @returns the id of the new record */
export const useHttpApi = async (world: World): Promise<string> => {
  const { report, aws } = world;
  report.section('The HTTP API');
  const unsigned = await callApi(world, world.as(), 'POST', '/photo-avatars', REQUEST);
  report.check('an unsigned request receives 403 from API Gateway', unsigned.status === 403);

  const key = { 'idempotency-key': 'order-4711' };
  const first = await callApi(world, aws, 'POST', '/photo-avatars', REQUEST, key);
  report.print(`HTTP ${first.status} · ${first.text}`);
  report.check('POST: 201, generating', first.status === 201 && first.json.status === 'generating');
  report.check('one call was charged', chargesOf(world) === 1);
  const again = await callApi(world, aws, 'POST', '/photo-avatars', REQUEST, key);
  report.check('the same key: 200, the same record', again.status === 200 && again.json.id === first.json.id);
  report.check('still one call charged', chargesOf(world) === 1);

  const invalid = await callApi(world, aws, 'POST', '/photo-avatars', { ...REQUEST, age: 'adult' });
  report.check('an invalid field: 422', invalid.status === 422 && invalid.json.errors[0].field === 'age');
  const record = await callApi(world, aws, 'GET', `/photo-avatars/${first.json.id}`);
  report.check(
    'GET by id: the record',
    record.status === 200 && record.json.photo_id === first.json.photo_id,
  );
  const list = await callApi(world, aws, 'GET', '/photo-avatars?status=generating');
  report.check('GET by status: the list contains the record', list.json.items[0]?.id === first.json.id);
  const mine = await callApi(
    world,
    aws,
    'GET',
    `/photo-avatars?caller=${encodeURIComponent(first.json.caller)}`,
  );
  report.check('GET by caller: the list contains the record', mine.json.items?.[0]?.id === first.json.id);

  const client = world.client();
  const found = await client.submit(REQUEST, { idempotencyKey: key['idempotency-key'] });
  report.check(
    'the client finds the request of its key',
    found.replayed && found.record.id === first.json.id,
  );
  const { value: newest } = await client.list({ caller: first.json.caller, pageSize: 1 }).next();
  report.check('the client lists it', newest?.id === (await client.get(first.json.id)).id);
  const { record: wanted } = await client.submit(REQUEST, { respondAsync: true });
  const cancelled = await client.cancel(wanted.id);
  report.check(
    'a queued request is cancelled by the client and not charged',
    cancelled.status === 'cancelled' && cancelled.charged === 'no' && chargesOf(world) === 1,
  );
  const unknownRoute = await callApi(world, aws, 'GET', '/unknown');
  report.check(
    'an unknown route: 404 as a problem document',
    unknownRoute.status === 404 && unknownRoute.headers['content-type'] === 'application/problem+json',
  );
  return first.json.id;
};
