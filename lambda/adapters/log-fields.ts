import type { ApiKeyState } from '../domain/ports.ts';

/** The state of the API key without the key. */
export const keyFields = (state: ApiKeyState) => ({
  api_key: state.kind,
  problem: 'problem' in state ? state.problem : undefined,
});

/**
 * An error without text that may repeat a request. Its message is kept only if the system or an AWS service wrote it
 * (`$fault`; the SDK gives `$metadata` to a parser's error, too, whose message repeats what it read). A service repeats
 * its input where it calls the input invalid.
 */
export const describeError = (error: unknown) => {
  if (!(error instanceof Error)) return { name: typeof error };
  const isOfService = '$fault' in error && !/validation|serialization/i.test(error.name);
  return {
    name: error.name,
    message: isOfService || 'syscall' in error ? error.message : undefined,
    // With a position in a file: a line of the message may begin with "at", too.
    frames: error.stack?.split('\n').filter((line) => /^\s+at .*:\d+:\d+\)?$/.test(line)),
  };
};
