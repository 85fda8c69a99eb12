import type { RecordView } from '../../client/index.ts';
import { type AddCommand, requireId } from '../command.ts';
import { requireConsent } from '../consent.ts';
import { EXIT, type ExitCode, usageError } from '../exit-codes.ts';
import { recordLines } from '../record-text.ts';
import type { Service, Session } from '../session.ts';

/** Does one thing to one request and prints the record that results. */
const changing = async (
  session: Session,
  id: string,
  change: (service: Service) => Promise<RecordView>,
): Promise<ExitCode> => {
  requireId(id);
  const service = await session.connect();
  await service.announce();
  const record = await change(service);
  session.out.result(record, recordLines(record, session.out));
  return EXIT.done;
};

export const addCancel: AddCommand = (program, run) => {
  program
    .command('cancel')
    .description('Take a queued request back. It is not submitted and not charged.')
    .argument('<id>', 'id of the request')
    .action(
      run((session, _options, id = '') =>
        changing(session, id, ({ client }) => client.cancel(id, { signal: session.interruption.abandon })),
      ),
    );
};

export const addRefresh: AddCommand = (program, run) => {
  program
    .command('refresh')
    .description('Ask JoggAI again about a request that it accepted, also an ended one. Free of charge.')
    .argument('<id>', 'id of the request')
    .action(
      run((session, _options, id = '') =>
        changing(session, id, ({ client }) => client.refresh(id, { signal: session.interruption.abandon })),
      ),
    );
};

interface EraseOptions {
  readonly confirm?: string;
}

const erase = async (session: Session, { confirm }: EraseOptions, id = ''): Promise<ExitCode> => {
  requireId(id);
  if (confirm !== undefined && confirm !== id) {
    throw usageError(`--confirm is "${confirm}", which is not the id ${id}. Nothing was erased.`);
  }
  if (confirm === undefined) {
    await requireConsent({
      question: `Erasing ${id} deletes its texts and pictures for ever. Id, key, charge and history stay.`,
      expected: id,
      option: `--confirm=${id}`,
      signal: session.interruption.stop,
    });
  }
  return changing(session, id, ({ client }) => client.erase(id, { signal: session.interruption.abandon }));
};

export const addErase: AddCommand = (program, run) => {
  program
    .command('erase')
    .description('Erase what a person said and showed in a request that has ended.')
    .argument('<id>', 'id of the request')
    .option('--confirm <id>', 'the id again, instead of typing it')
    .action(run<EraseOptions>(erase));
};
