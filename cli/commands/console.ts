import { type AccountBody, createClient, isPhotoAvatarsError } from '../../client/index.ts';
import type { PageSession } from '../../page/contract.ts';
import { type Assets, loadAssets, PageMissing } from '../../page/server/assets.ts';
import type { Monitor, PageOptions } from '../../page/server/page.ts';
import { startPage } from '../../page/server/start.ts';
import { createStackReader } from '../checks/stack-reader.ts';
import type { AddCommand } from '../command.ts';
import { createStackMonitor, withoutMonitor } from '../console/stack-monitor.ts';
import { CommandError, EXIT, type ExitCode, usageError } from '../exit-codes.ts';
import { type Session, serviceLine } from '../session.ts';
import { findTarget, type Target, type TargetOptions } from '../target.ts';
import { packageVersion } from '../version.ts';

interface ConsoleOptions {
  readonly port?: string;
}

const portOf = (text = '0'): number => {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw usageError(`--port is "${text}": it must be a port number. Nothing was sent.`);
};

const assetsOfPage = (): Promise<Assets> =>
  loadAssets().catch((error: unknown) => {
    throw error instanceof PageMissing ? new CommandError(EXIT.failed, 'page-missing', error.message) : error;
  });

const sessionOf = ({ label, stack }: Target, { local }: TargetOptions): PageSession => ({
  service: label,
  kind: stack ? 'stack' : local ? 'local' : 'url',
  ...(stack && { stack: stack.name, account: stack.account, region: stack.region }),
  // Only the process that started a simulator lets the page control it.
  hasSimulator: false,
  version: packageVersion(),
});

const monitorOf = ({ stack: found }: Target, { profile }: TargetOptions): Monitor => {
  if (!found) return withoutMonitor('Only with --stack: they are in CloudWatch.');
  const { name: stackName, region, outputs } = found;
  const stack = createStackReader({ stackName, region, profile });
  return createStackMonitor({ stack, stackName, serviceName: outputs.get('ServiceName') });
};

/** Where links to pictures lead: the stack's bucket, or, if it is not known, S3 or an emulator of it. */
const pictureSourcesOf = ({ stack, url }: Target): readonly string[] => {
  const bucket = stack?.outputs.get('ImageBucketName');
  const domain = stack?.region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  if (bucket !== undefined) return [`https://${bucket}.s3.${stack?.region}.${domain}`];
  return new URL(url).protocol === 'http:'
    ? ['http://127.0.0.1:*']
    : ['https://*.amazonaws.com', 'https://*.amazonaws.com.cn'];
};

/** The account, or `undefined` if this caller may not read it. @throws PhotoAvatarsError if the service does not answer */
const accountOf = async ({ url, auth }: Target, signal: AbortSignal): Promise<AccountBody | undefined> => {
  const client = createClient({ url, ...(auth && { auth }), maxRetries: 1 });
  return client.account({ signal }).catch((error: unknown) => {
    if (isPhotoAvatarsError(error) && error.status === 403) return undefined;
    throw error;
  });
};

const isPortInUse = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';

const serve = async (session: Session, { port }: ConsoleOptions): Promise<ExitCode> => {
  const { out, interruption, targetOptions } = session;
  const wanted = portOf(port);
  const assets = await assetsOfPage();
  const target = await findTarget(targetOptions);
  const account = await accountOf(target, interruption.stop);
  out.note(serviceLine(target.label, account));
  const options: PageOptions = {
    session: sessionOf(target, targetOptions),
    assets,
    api: target,
    monitor: monitorOf(target, targetOptions),
    pictureSources: pictureSourcesOf(target),
  };
  const page = await startPage(options, wanted).catch((error: unknown) => {
    throw isPortInUse(error)
      ? usageError(`The port ${wanted} is in use. Pass another one, or none: then a free one is used.`)
      : error;
  });
  out.result({ url: page.address, service: target.label }, [page.address]);
  out.note('Open this address in a browser of this machine. Anyone who has it acts as you. Ctrl-C ends it.');
  await stopped(interruption.stop);
  await page.close(interruption.abandon);
  return EXIT.done;
};

const stopped = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

export const addConsole: AddCommand = (program, run) => {
  program
    .command('console')
    .description(
      'Serve the page to ask, watch and decide on this machine, until Ctrl-C. It acts as the caller.',
    )
    .option('--port <port>', 'port on 127.0.0.1; default: any free one')
    .action(run<ConsoleOptions>(serve));
};
