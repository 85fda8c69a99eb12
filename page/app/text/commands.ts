import type { PageSession } from '../../contract.ts';

const quoted = (value: string): string =>
  /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;

/** The command that shows the same record on the command line. */
export const showCommand = (id: string, session: PageSession | undefined, origin: string): string => {
  const target =
    session?.stack === undefined
      ? ['--url', session?.kind === 'url' ? session.service : origin]
      : ['--stack', session.stack, ...(session.region ? ['--region', session.region] : [])];
  return ['npm exec photo-avatars --', 'show', ...[id, ...target].map(quoted)].join(' ');
};
