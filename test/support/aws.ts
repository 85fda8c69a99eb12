import { vi } from 'vitest';

/** Points the SDK of this process at the emulators, as the functions' environment does. Undone by `vi.unstubAllEnvs`. */
export const stubAws = (endpoints: Readonly<Record<string, string>>): void => {
  const variables = {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    // May be set on a developer's machine.
    AWS_SESSION_TOKEN: undefined,
    AWS_PROFILE: undefined,
    AWS_ENDPOINT_URL: undefined,
    ...endpoints,
  };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
};
