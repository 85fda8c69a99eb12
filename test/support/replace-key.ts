import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { LOCAL_IDENTITY } from '../../local/identity.ts';
import type { LocalService } from '../../local/service.ts';
import type { Simulator } from '../../local/simulator/simulator.ts';

/** Replaces the API key as an operator does: at JoggAI and in the secret. */
export const replaceKey = async (
  { secretsManager }: LocalService,
  simulator: Simulator,
  key: string,
): Promise<void> => {
  simulator.control.configure({ apiKeys: [key] });
  const client = new SecretsManagerClient({
    endpoint: secretsManager?.url ?? '',
    ...LOCAL_IDENTITY,
  });
  await client.send(new PutSecretValueCommand({ SecretId: 'joggai-api-key', SecretString: key }));
  client.destroy();
};
