import { Command } from 'commander';
import type { AddCommand, Run } from './command.ts';
import { addAccount, addPause, addResume } from './commands/account.ts';
import { addBatch } from './commands/batch.ts';
import { addCancel, addErase, addRefresh } from './commands/changes.ts';
import { addConsole } from './commands/console.ts';
import { addDoctor } from './commands/doctor.ts';
import { addList } from './commands/list.ts';
import { addResolve } from './commands/resolve.ts';
import { addShow } from './commands/show.ts';
import { addSubmit } from './commands/submit.ts';
import { addTestAlarm } from './commands/test-alarm.ts';
import { packageVersion } from './version.ts';

/** Every command, in the order of the help. */
const COMMANDS: readonly AddCommand[] = [
  addSubmit,
  addBatch,
  addList,
  addShow,
  addResolve,
  addCancel,
  addRefresh,
  addErase,
  addAccount,
  addPause,
  addResume,
  addConsole,
  addDoctor,
  addTestAlarm,
];

const EXAMPLES = `Examples:
  photo-avatars submit --age Adult --style Professional --gender Female --model modern --ratio portrait --wait --local
  photo-avatars batch requests.csv --stack PhotoAvatars-prod
  photo-avatars list --status in_doubt --stack PhotoAvatars-prod
`;

const EXIT_CODES = `
Exit codes: 0 done · 1 failed or rejected · 2 usage or invalid input, nothing sent · 3 in doubt, a person must decide ·
  4 not signed in or not allowed · 5 refused for now: paused, blocked or limit · 8 still pending · 130 Ctrl-C

Credentials: those of the AWS SDK (environment, --profile, SSO, roles), or a token from --token-file or PHOTO_AVATARS_TOKEN.`;

export const createProgram = (run: Run): Command => {
  const program = new Command('photo-avatars')
    .description('Requests JoggAI photo avatars from your service, each paid for at most once.')
    .version(packageVersion())
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', EXIT_CODES)
    .configureHelp({ showGlobalOptions: true })
    .option('--stack <name>', 'the CloudFormation stack of the service')
    .option('--url <url>', "the service's URL: the stack's output ApiUrl")
    .option('--local', 'the service that "npm start" runs on this machine, on port 3000 or PORT')
    .option('--region <region>', "the stack's AWS region")
    .option('--profile <name>', 'the AWS profile with the credentials')
    .option('--token-file <file>', 'file with the token, for a service with jwtIssuer')
    .option('--json', 'print one JSON document');
  program.exitOverride();
  for (const add of COMMANDS) add(program, run);
  return program;
};
