import type { ApiKeyState } from '../domain/ports.ts';

/** Explains to a person how to put a usable API key into the secret. */
export const missingKey = (state: Exclude<ApiKeyState, { kind: 'present' }>, secretId: string): string => {
  const command = `aws secretsmanager put-secret-value --secret-id ${secretId} --secret-string file:///dev/stdin`;
  const set = `Put the JoggAI API key into it: ${command} (type the key, then Ctrl-D). Nothing was recorded or charged.`;
  switch (state.kind) {
    case 'unset':
      return `The secret has no value. ${set}`;
    case 'malformed':
      return `The value of the secret ${state.problem}. ${set}`;
    case 'unreadable':
      return `The secret could not be read (${state.problem}). Nothing was recorded or charged; try again.`;
    default:
      return state satisfies never;
  }
};
