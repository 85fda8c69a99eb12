import { Command, CommanderError } from 'commander';
import { isPhotoAvatarsError } from '../client/index.ts';
import type { Run } from './command.ts';
import { CommandError, EXIT, errorDocument, exitOfError, usageError } from './exit-codes.ts';
import { watchInterruption } from './interruption.ts';
import { createOutput, type Output } from './output.ts';
import { createProgram } from './program.ts';
import { type ConnectSettings, connectTo, type Session } from './session.ts';
import { printable } from './table.ts';
import { notAllowed, type TargetOptions } from './target.ts';

/** API Gateway's own refusal says only "Forbidden": no role of the caller includes the route. */
const explained = (error: unknown, label: string): unknown =>
  isPhotoAvatarsError(error) && error.type === undefined && exitOfError(error) === EXIT.notAllowed
    ? notAllowed(label)
    : error;

const messageLines = (error: unknown): string[] => {
  const message = error instanceof Error ? error.message : String(error);
  const errors =
    error instanceof CommandError ? error.errors : isPhotoAvatarsError(error) ? error.fieldErrors : [];
  return [
    `Error: ${printable(message)}`,
    ...errors.map((each) => {
      const place = 'line' in each && each.line !== undefined ? `line ${each.line}, ` : '';
      return `  ${place}${printable(each.field)}: ${printable(each.message)}`;
    }),
  ];
};

const report = (error: unknown, out: Output): void => {
  if (out.json) out.result(errorDocument(error), []);
  else for (const line of messageLines(error)) out.note(line);
};

const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';

const run: Run =
  (act) =>
  async (...given) => {
    const command = given.at(-1);
    if (!(command instanceof Command)) throw new Error('Commander passes the command last.');
    const options: TargetOptions & { readonly json?: boolean } = command.optsWithGlobals();
    const out = createOutput({ json: options.json === true });
    const interruption = watchInterruption(() =>
      out.note(
        'Stopping after the calls in flight. What was accepted continues at the service. Ctrl-C again ends at once.',
      ),
    );
    let label = 'The service';
    const session: Session = {
      out,
      interruption,
      targetOptions: options,
      async connect(settings?: ConnectSettings) {
        const service = await connectTo(options, out, interruption, settings);
        label = service.label;
        return service;
      },
    };
    try {
      process.exitCode = await act(session, command.optsWithGlobals<never>(), ...command.args);
    } catch (error) {
      const isStopped = interruption.stop.aborted && isAbort(error);
      const explanation = isStopped ? interrupted() : explained(error, label);
      report(explanation, out);
      process.exitCode = exitOfError(explanation);
    } finally {
      interruption.end();
    }
  };

const interrupted = (): CommandError =>
  new CommandError(
    EXIT.interrupted,
    'interrupted',
    'Stopped by Ctrl-C. What was accepted before continues at the service.',
  );

/**
 * Runs the command line. Sets the exit code and never ends the process, so that everything printed arrives.
 *
 * @param argv the arguments, without Node and the file
 */
export const main = async (argv: readonly string[] = process.argv.slice(2)): Promise<void> => {
  const json = argv.includes('--json');
  const program = createProgram(run);
  for (const command of [program, ...program.commands]) {
    // Printed once, below.
    command.configureOutput({ outputError: () => {} });
  }
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return;
    process.exitCode = EXIT.usage;
    // Commander has printed the help.
    if (error.code === 'commander.help') return;
    const message = error.message.replace(/^error: /, '');
    report(usageError(`${message} Nothing was sent. See --help.`), createOutput({ json }));
  }
};
