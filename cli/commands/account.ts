import type { AccountBody, PhotoAvatarsClient } from '../../client/index.ts';
import type { AddCommand } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { accountLines } from '../record-text.ts';
import type { Session } from '../session.ts';

const printed = async (
  session: Session,
  call: (client: PhotoAvatarsClient, options: { signal: AbortSignal }) => Promise<AccountBody>,
  { isChange }: { readonly isChange: boolean },
): Promise<ExitCode> => {
  const { out, interruption } = session;
  const service = await session.connect();
  if (isChange) await service.announce();
  else out.note(service.label);
  const account = await call(service.client, { signal: isChange ? interruption.abandon : interruption.stop });
  out.result(account, accountLines(account, out));
  return EXIT.done;
};

export const addAccount: AddCommand = (program, run) => {
  program
    .command('account')
    .description('Show the JoggAI account: state, rate, calls today, credits.')
    .action(
      run((session) => printed(session, (client, options) => client.account(options), { isChange: false })),
    );
};

export const addPause: AddCommand = (program, run) => {
  program
    .command('pause')
    .description('Stop all paid calls until resume. Queued requests wait.')
    .action(
      run((session) => printed(session, (client, options) => client.pause(options), { isChange: true })),
    );
};

export const addResume: AddCommand = (program, run) => {
  program
    .command('resume')
    .description('Allow paid calls again.')
    .action(
      run((session) => printed(session, (client, options) => client.resume(options), { isChange: true })),
    );
};
