import type { Command } from 'commander';
import { ID_PATTERN } from '../lambda/domain/request/identity.ts';
import { type ExitCode, usageError } from './exit-codes.ts';
import type { Session } from './session.ts';

/** What a command does with its options and arguments. */
export type Act<Options> = (session: Session, options: Options, ...args: string[]) => Promise<ExitCode>;

/** Turns what a command does into the action that commander calls. */
export type Run = <Options>(act: Act<Options>) => (...given: unknown[]) => Promise<void>;

/** Adds a command to the program. */
export type AddCommand = (program: Command, run: Run) => void;

/** @throws CommandError if the text is not the id of a record */
export const requireId = (id: string): string => {
  if (ID_PATTERN.test(id)) return id;
  throw usageError(
    'The id is not the id of a photo avatar: a UUID in lower case, as submit and list print it. Nothing was sent.',
  );
};
