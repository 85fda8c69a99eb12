import { callApi, chargesOf, outputOf, REQUEST, type World } from '../world.ts';

/** Before and after somebody puts the key into the secret. */
export const putApiKey = async (world: World, apiKey: string): Promise<void> => {
  const { teller, aws } = world;
  teller.chapter('A request before the JoggAI key is there, and the key');
  const early = await callApi(world, aws, 'POST', '/photo-avatars', REQUEST);
  teller.say(`HTTP ${early.status} · ${early.json?.detail}`);
  teller.check(
    '503, and it says that the key is missing',
    early.status === 503 && early.json?.type === 'urn:photo-avatars:problem:api-key-missing',
  );
  const secretId = /--secret-id (\S+)/.exec(outputOf(world, 'PutApiKeyCommand'))?.[1];
  await aws.json('secretsmanager', 'PutSecretValue', {
    SecretId: secretId,
    SecretString: apiKey,
    ClientRequestToken: crypto.randomUUID(),
  });
  teller.check('nothing was charged', chargesOf(world) === 0);
};

/** @returns the id of the record that was made */
export const useHttpApi = async (world: World): Promise<string> => {
  const { teller, aws } = world;
  teller.chapter('The HTTP API');
  const unsigned = await callApi(world, world.as(), 'POST', '/photo-avatars', REQUEST);
  teller.check('403 without a signature, from API Gateway itself', unsigned.status === 403);

  const key = { 'idempotency-key': 'order-4711' };
  const first = await callApi(world, aws, 'POST', '/photo-avatars', REQUEST, key);
  teller.say(`HTTP ${first.status} · ${first.text}`);
  teller.check('POST: 201, generating', first.status === 201 && first.json.status === 'generating');
  teller.check('one call was charged', chargesOf(world) === 1);
  const again = await callApi(world, aws, 'POST', '/photo-avatars', REQUEST, key);
  teller.check('the same key: 200, the same record', again.status === 200 && again.json.id === first.json.id);
  teller.check('still one call charged', chargesOf(world) === 1);

  const invalid = await callApi(world, aws, 'POST', '/photo-avatars', { ...REQUEST, age: 'adult' });
  teller.check('422 for a wrong field', invalid.status === 422 && invalid.json.errors[0].field === 'age');
  const record = await callApi(world, aws, 'GET', `/photo-avatars/${first.json.id}`);
  teller.check(
    'GET by id: the record',
    record.status === 200 && record.json.photo_id === first.json.photo_id,
  );
  const list = await callApi(world, aws, 'GET', '/photo-avatars?status=generating');
  teller.check('GET by status: it is in the list', list.json.items[0]?.id === first.json.id);
  const nowhere = await callApi(world, aws, 'GET', '/nowhere');
  teller.check(
    'a route that does not exist: 404 as a problem document',
    nowhere.status === 404 && nowhere.headers['content-type'] === 'application/problem+json',
  );
  return first.json.id;
};
