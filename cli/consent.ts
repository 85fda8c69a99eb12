import { createInterface } from 'node:readline/promises';
import { usageError } from './exit-codes.ts';

/** Asks on standard error, because standard output is for the result. */
const ask = async (question: string, signal: AbortSignal): Promise<string> => {
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  // Ctrl-C would otherwise be read by the prompt alone.
  prompt.on('SIGINT', () => process.emit('SIGINT'));
  try {
    return (await prompt.question(question, { signal })).trim();
  } finally {
    prompt.close();
  }
};

export interface Consent {
  /** What would happen, and the question. */
  readonly question: string;
  /** What the person must type. */
  readonly expected: string;
  /** The option that gives the consent where nobody can be asked. */
  readonly option: string;
  readonly signal: AbortSignal;
}

/**
 * Asks a person to type a word.
 *
 * @throws CommandError if the answer is another one, or if standard input is not a terminal
 */
export const requireConsent = async ({ question, expected, option, signal }: Consent): Promise<void> => {
  if (!process.stdin.isTTY) {
    throw usageError(
      `${question} Nothing was sent. Standard input is not a terminal: pass ${option} to agree.`,
    );
  }
  const answer = await ask(`${question} Type "${expected}" to go on: `, signal);
  if (answer !== expected) throw usageError('Nothing was sent: the answer was not the expected one.');
};
