import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { resources } from './lib/synthesize.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const inRoot = (name: string) => join(root, 'node_modules', name);
const scratch = mkdtempSync(join(tmpdir(), 'photo-avatars-package-'));
const shop = join(scratch, 'shop');
const installed = join(shop, 'node_modules/photo-avatars');
afterAll(() => rmSync(scratch, { recursive: true }));

const versions = z.record(z.string(), z.string()).default({});
const manifestSchema = z.object({
  name: z.string(),
  version: z.string().default(''),
  dependencies: versions,
  peerDependencies: versions,
  devDependencies: versions,
});
const manifestIn = (directory: string) =>
  manifestSchema.parse(JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')));

/** Runs a command with this Node as `node` and without AWS environment variables. */
const run = async (cwd: string, command: string, ...args: string[]): Promise<void> => {
  const PATH = [dirname(process.execPath), process.env.PATH].join(delimiter);
  await promisify(execFile)(command, args, { cwd, env: { PATH, HOME: process.env.HOME } });
};

const synthesize = (app: string, output: string) =>
  run(
    shop,
    process.execPath,
    inRoot('aws-cdk/bin/cdk'),
    'synth',
    '--quiet',
    '--app',
    app,
    '--output',
    output,
  );

const templateOf = (output: string, stack: string): Template =>
  Template.fromString(readFileSync(join(shop, output, `${stack}.template.json`), 'utf8'));

const codeOf = (template: Template): unknown[] =>
  resources(template, 'AWS::Lambda::Function').map(({ Properties }) => Object(Properties.Code).S3Key);

const STACKS = ['Shop-Test', 'Shop-Prod'];

beforeAll(async () => {
  await run(root, 'npm', 'pack', '--pack-destination', scratch);
  cpSync(join(root, 'examples/embedded'), shop, { recursive: true });
  mkdirSync(installed, { recursive: true });
  const { name, version, dependencies, peerDependencies } = manifestIn(root);
  const tarball = join(scratch, `${name}-${version}.tgz`);
  await run(scratch, 'tar', '-xzf', tarball, '--strip-components', '1', '-C', installed);
  // Only what npm would install with the package: no bundler, no SDK.
  for (const needed of Object.keys({ ...dependencies, ...peerDependencies }))
    symlinkSync(inRoot(needed), join(shop, 'node_modules', needed));

  symlinkSync(root, join(shop, 'checkout'));
  const app = readFileSync(join(shop, 'app.ts'), 'utf8');
  writeFileSync(join(shop, 'by-path.ts'), app.replace("'photo-avatars'", "'./checkout/index.ts'"));
  await Promise.all([synthesize('node app.ts', 'from-package'), synthesize('node by-path.ts', 'by-path')]);
});

describe('the package', () => {
  it.each(STACKS)('creates the same template as its source, embedded in the stack %s', (stack) => {
    const { Resources } = templateOf('from-package', stack).toJSON();
    expect(Object.keys(Resources).length).toBeGreaterThan(50);
    expect(Resources).toEqual(templateOf('by-path', stack).toJSON().Resources);
  });

  it('contains the same code as a deployment from source', () => {
    const code = codeOf(templateOf('from-package', 'Shop-Test'));
    expect(code).toHaveLength(3);
    expect(code).toEqual(codeOf(templateOf('by-path', 'Shop-Test')));
  });

  it('contains that code with source maps, too', () => {
    for (const name of ['api', 'intake', 'dispatch']) {
      const [packed, built] = [join(installed, 'dist/handlers'), join(root, 'build')].map((folder) =>
        readFileSync(join(folder, `${name}-mapped`, 'handler.cjs.map')),
      );
      expect(built && packed?.equals(built)).toBe(true);
    }
  });

  it('has type declarations', async () => {
    // Every TypeScript CDK app has these types.
    mkdirSync(join(shop, 'node_modules/@types'), { recursive: true });
    for (const types of ['@types/node', 'undici-types'])
      symlinkSync(inRoot(types), join(shop, 'node_modules', types));
    const app = readFileSync(join(shop, 'app.ts'), 'utf8');
    const wrong = app.replace(
      /.*dailyCallLimit: 200.*/,
      (line) => `// @ts-expect-error\n${line.replace('200', "'200'")}`,
    );
    expect(wrong).not.toBe(app);
    writeFileSync(join(shop, 'wrong.ts'), wrong);
    const options = ['--ignoreConfig', '--noEmit', '--strict', '--module', 'nodenext', '--types', 'node'];
    await run(shop, process.execPath, inRoot('typescript/bin/tsc'), ...options, 'app.ts', 'wrong.ts');
  });

  it('is a dependency of the example, together with its own peer dependencies', () => {
    const { name, version, peerDependencies } = manifestIn(root);
    expect(manifestIn(join(root, 'examples/embedded')).dependencies).toEqual({
      ...peerDependencies,
      [name]: `file:../../${name}-${version}.tgz`,
    });
  });
});

describe('two stages in one app', () => {
  /** Properties that hold a physical name, which must be unique in an account. Inline policies need not be. */
  const PHYSICAL_NAME = /^(?!Policy|Metric|Stage|Attribute).*Name$/;
  const namesIn = (stack: string): unknown[] => {
    const all: Record<string, { Type: string; Properties?: object }> = templateOf(
      'from-package',
      stack,
    ).toJSON().Resources;
    // The name of an alias is unique within its function.
    const named = Object.values(all).filter(({ Type }) => Type !== 'AWS::Lambda::Alias');
    return named.flatMap(({ Properties = {} }) =>
      Object.entries(Properties).flatMap(([property, value]) =>
        // Other values refer to another resource.
        PHYSICAL_NAME.test(property) && typeof value === 'string' ? [value] : [],
      ),
    );
  };

  it('share no physical name', () => {
    const [test = [], prod = []] = STACKS.map(namesIn);
    expect(test.filter((name) => prod.includes(name))).toEqual([]);
  });
});
