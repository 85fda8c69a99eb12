import { execFile, execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { Template } from 'aws-cdk-lib/assertions';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { referencePage } from '../packaging/reference/page.ts';
import { resources } from './lib/synthesize.ts';
import { describeCommandLine } from './package/command-line.ts';
import { describeEvents } from './package/events.ts';
import { startScripted } from './support/client-world.ts';

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

const { name, version } = manifestIn(root);
const tarball = join(scratch, `${name}-${version}.tgz`);

const STACKS = ['Shop-Test', 'Shop-Prod'];

beforeAll(async () => {
  await run(root, 'npm', 'pack', '--pack-destination', scratch);
  cpSync(join(root, 'examples/embedded'), shop, { recursive: true });
  mkdirSync(installed, { recursive: true });
  const { dependencies, peerDependencies } = manifestIn(root);
  await run(scratch, 'tar', '-xzf', tarball, '--strip-components', '1', '-C', installed);
  // Only what npm would install with the package: no bundler.
  for (const needed of Object.keys({ ...dependencies, ...peerDependencies })) {
    const path = join(shop, 'node_modules', needed);
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(inRoot(needed), path);
  }

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

  it('contains the reference of the HTTP API', () => {
    const document: unknown = JSON.parse(readFileSync(join(installed, 'docs/openapi.json'), 'utf8'));
    expect(readFileSync(join(installed, 'dist/docs/api.html'), 'utf8')).toBe(referencePage(document));
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

  it.each([
    ['every export has types that fit its code', 'attw', '--profile', 'esm-only', '--no-definitely-typed'],
    ['its manifest and files are what package managers and bundlers expect', 'publint', 'run', '--strict'],
  ])('passes a linter for packages: %s', async (_, linter, ...options) => {
    await run(root, process.execPath, inRoot(`.bin/${linter}`), ...options, tarball);
  });

  it('is a dependency of the example, together with its own peer dependencies', () => {
    const { name, version, peerDependencies } = manifestIn(root);
    expect(manifestIn(join(root, 'examples/embedded')).dependencies).toEqual({
      ...peerDependencies,
      [name]: `file:../../${name}-${version}.tgz`,
    });
  });
});

/** Every supported Node of this machine by its version: the one that runs this test, and those of the path. */
const NODES = new Map(
  [process.execPath, ...(process.env.PATH ?? '').split(delimiter).map((path) => join(path, 'node'))]
    .filter((path) => existsSync(path))
    .map((path) => [execFileSync(path, ['--version'], { encoding: 'utf8' }).trim(), path] as const)
    .filter(([version]) => Number(/^v(\d+)/.exec(version)?.[1]) >= 20),
);

describe('photo-avatars/client in the package', () => {
  it.each([...NODES])('submits a request with Node %s', async (_, node) => {
    const server = await startScripted({
      status: 201,
      body: { id: 'one', status: 'generating', history: [] },
    });
    const program = `
      import { createClient } from 'photo-avatars/client';
      const credentials = { accessKeyId: 'id', secretAccessKey: 'secret' };
      const client = createClient({ url: '${server.url}', auth: { kind: 'iam', region: 'eu-west-1', credentials } });
      const { record } = await client.submit({ age: 'Adult' });
      if (record.id !== 'one') throw new Error('Another record: ' + record.id);`;
    await run(shop, node, '--input-type=module', '--eval', program);
    expect(server.received[0]?.headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=id\//);
    await server.close();
  });

  it('is small in a browser, and contains neither the AWS SDK nor a module of Node', async () => {
    const { outputFiles, metafile } = await build({
      stdin: { contents: "export * from 'photo-avatars/client';", resolveDir: shop },
      bundle: true,
      platform: 'browser',
      format: 'esm',
      minify: true,
      metafile: true,
      write: false,
      absWorkingDir: shop,
    });
    const modules = Object.keys(metafile.inputs).filter(
      (path) => !path.includes('photo-avatars/dist/client/'),
    );
    expect(modules).toEqual([expect.stringContaining('/aws4fetch/'), '<stdin>']);
    const [bundle] = outputFiles;
    expect(bundle?.text).not.toContain('node:');
    expect(gzipSync(bundle?.contents ?? '').length).toBeLessThan(9_000);
  });

  it('has type declarations without those of Node', async () => {
    const program = `
      import { createClient, type RecordView } from 'photo-avatars/client';
      const request = { age: 'Adult', avatar_style: 'Social', gender: 'Male', model: 'modern', aspect_ratio: 'square' } as const;
      export const submit = async (token: string): Promise<RecordView['status']> =>
        (await createClient({ url: location.origin, auth: { kind: 'token', token } }).submit(request)).record.status;`;
    const wrong = program.replace('.submit(request)', ".submit({ ...request, age: 'adult' })");
    writeFileSync(join(shop, 'page.ts'), program);
    writeFileSync(join(shop, 'wrong-page.ts'), wrong.replace(/.*createClient\(/, '// @ts-expect-error\n$&'));
    const options = [
      '--ignoreConfig',
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--lib',
      'es2024,dom',
      '--types',
      '',
    ];
    await run(shop, process.execPath, inRoot('typescript/bin/tsc'), ...options, 'page.ts', 'wrong-page.ts');
  });
});

describeEvents({ shop, nodes: NODES, run, inRoot });

describeCommandLine({ shop, nodes: NODES, run, installed, home: scratch });

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
