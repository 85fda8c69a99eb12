import { type AddCommand, requireId } from '../command.ts';
import { requireConsent } from '../consent.ts';
import { durationText } from '../durations.ts';
import { EXIT, type ExitCode, usageError } from '../exit-codes.ts';
import { recordLines } from '../record-text.ts';
import type { Session } from '../session.ts';

interface ResolveOptions {
  readonly action: string;
  readonly reason: string;
  readonly yes?: boolean;
}

const resolve = async (session: Session, options: ResolveOptions, id = ''): Promise<ExitCode> => {
  const { out, interruption } = session;
  requireId(id);
  const action = (['resubmit', 'close'] as const).find((known) => known === options.action);
  if (!action) throw usageError('--action must be resubmit or close. Nothing was sent.');
  const service = await session.connect();
  await service.announce();
  const seen = await service.client.get(id, { signal: interruption.stop });
  // The person decides on this version. If it changes meanwhile, the service refuses the decision.
  for (const line of recordLines(seen, { ...out, style: (_style, text) => text })) out.note(line);
  const age = durationText(Date.now() - Date.parse(seen.updated_at));
  out.note(`changed  ${age} ago`);
  if (action === 'resubmit' && !options.yes) {
    await requireConsent({
      question: `Submitting ${id} again may be charged a second time (charged so far: ${seen.charged}).`,
      expected: 'resubmit',
      option: '--yes',
      signal: interruption.stop,
    });
  }
  const record = await service.client.resolve(
    id,
    { action, version: seen.version, reason: options.reason },
    { signal: interruption.abandon },
  );
  out.result(record, recordLines(record, out));
  return EXIT.done;
};

export const addResolve: AddCommand = (program, run) => {
  program
    .command('resolve')
    .description('Decide about a request that failed or is in doubt.')
    .argument('<id>', 'id of the request')
    .requiredOption('--action <action>', '"close", or "resubmit", which may be charged a second time')
    .requiredOption('--reason <text>', 'why; it is recorded')
    .option('--yes', 'resubmit without typing it')
    .action(run<ResolveOptions>(resolve));
};
