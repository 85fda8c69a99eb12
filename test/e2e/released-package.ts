import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { type CommandOptions, requireCommand, runCommand } from '../support/process.ts';

/** Where an upgrade starts as long as there is no release: a commit of this repository. */
const BEFORE_ANY_RELEASE = 'bda527682730cbbb90034561de0ae9400ba7e1fe';

/** The version that an upgrade starts from, or why it is not known here. */
export type Released =
  | { readonly kind: 'packed'; readonly name: string; readonly app: string }
  | { readonly kind: 'missing'; readonly reason: string };

const versions = z.record(z.string(), z.string()).default({});
const manifestSchema = z.object({
  name: z.string(),
  version: z.string(),
  dependencies: versions,
  peerDependencies: versions,
});

/** Deploys the stack of the package. `adaptation.ts` is that of this checkout. */
const APP = `import { App } from 'aws-cdk-lib';
import { PhotoAvatarsStack, readConfiguration } from 'photo-avatars';
import { adapt } from './adaptation.ts';

const app = new App();
const configuration = readConfiguration(app.node.getAllContext());
adapt(new PhotoAvatarsStack(app, \`PhotoAvatars-\${configuration.stage}\`, { configuration }));
`;

/** The version tag before this commit, if there is one. */
const findRevision = async (options: CommandOptions): Promise<string> => {
  const describe = ['describe', '--tags', '--abbrev=0', '--match', 'v*', 'HEAD^'];
  const { exitCode, output } = await runCommand('git', describe, options);
  return exitCode === 0 ? output.trim() : BEFORE_ANY_RELEASE;
};

/**
 * Packs the last released version as a release does, and installs it beside an app, with its own dependencies.
 *
 * @param directory for its files; is created
 * @param options with this checkout as the folder
 * @throws Error if a command fails
 */
export const packReleased = async (directory: string, options: CommandOptions): Promise<Released> => {
  const revision = await findRevision(options);
  const name = revision === BEFORE_ANY_RELEASE ? `the commit ${revision.slice(0, 7)}` : revision;
  if ((await runCommand('git', ['cat-file', '-e', `${revision}^{commit}`], options)).exitCode !== 0) {
    const reason = `This clone does not have ${name}, so no upgrade from it was verified. Run \`git fetch --unshallow --tags\`.`;
    return { kind: 'missing', reason };
  }
  const [source, shop] = [join(directory, 'source'), join(directory, 'shop')];
  const installed = join(shop, 'node_modules/photo-avatars');
  for (const folder of [source, installed]) await mkdir(folder, { recursive: true });
  const archive = join(directory, 'source.tar');
  await requireCommand('git', ['archive', '--output', archive, revision], options);
  await requireCommand('tar', ['-xf', archive, '-C', source], options);
  const inSource = { ...options, cwd: source };
  // Without scripts: the Node of this checkout builds it.
  await requireCommand('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], inSource);
  await requireCommand('npm', ['pack', '--pack-destination', directory], inSource);

  const manifest = manifestSchema.parse(JSON.parse(await readFile(join(source, 'package.json'), 'utf8')));
  const tarball = join(directory, `${manifest.name}-${manifest.version}.tgz`);
  await requireCommand('tar', ['-xzf', tarball, '--strip-components', '1', '-C', installed], options);
  for (const needed of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) {
    const link = join(shop, 'node_modules', needed);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(source, 'node_modules', needed), link);
  }
  await cp(fileURLToPath(new URL('adaptation.ts', import.meta.url)), join(shop, 'adaptation.ts'));
  await writeFile(join(shop, 'package.json'), '{"type":"module"}\n');
  await writeFile(join(shop, 'app.ts'), APP);
  return { kind: 'packed', name, app: `node ${join(shop, 'app.ts')}` };
};
