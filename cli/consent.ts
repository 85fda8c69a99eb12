import { createInterface } from 'node:readline/promises';
import { usageError } from './exit-codes.ts';

/** Where a person is asked: not on standard output, which is for the result. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
}

const ask = async (question: string, signal: AbortSignal, terminal: Terminal): Promise<string> => {
  const prompt = createInterface(terminal);
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
  /** The option that gives the consent without a terminal. */
  readonly option: string;
  readonly signal: AbortSignal;
}

/**
 * Asks a person to type a word.
 *
 * @throws CommandError if the answer is another one, or if standard input is not a terminal
 */
export const requireConsent = async (
  { question, expected, option, signal }: Consent,
  terminal: Terminal = { input: process.stdin, output: process.stderr },
): Promise<void> => {
  if (!terminal.input.isTTY) {
    throw usageError(
      `${question} Nothing was sent. Standard input is not a terminal: pass ${option} to agree.`,
    );
  }
  const answer = await ask(`${question} Type "${expected}" to go on: `, signal, terminal);
  if (answer !== expected) throw usageError('Nothing was sent: the answer was not the expected one.');
};
