import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bundleHandler } from '../../lib/handler-code.ts';

const scratch = mkdtempSync(join(tmpdir(), 'handler-code-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const read = (directory: string, file = 'handler.cjs') => readFileSync(join(directory, file), 'utf8');

describe('the code of a handler', () => {
  it('is one CommonJS file, an ES module that Lambda awaits, and the description of the API', () => {
    const directory = join(scratch, 'plain');
    const { entry, code, bytes } = bundleHandler('api', { outdir: directory });
    expect(readdirSync(directory).toSorted()).toEqual(['handler.cjs', 'index.mjs', 'openapi.json']);
    expect(entry).toBe(join(directory, 'index.mjs'));
    expect(code).toBe(join(directory, 'handler.cjs'));
    expect(Buffer.byteLength(read(directory))).toBe(bytes);
    expect(read(directory).includes('module.exports=')).toBe(true);
    expect(read(directory, 'index.mjs')).toContain('await ready;');
  });

  it('replaces all files of an earlier version', () => {
    const directory = join(scratch, 'used');
    mkdirSync(directory);
    writeFileSync(join(directory, 'index.js'), 'Lambda would load this file instead');
    bundleHandler('api', { outdir: directory });
    expect(readdirSync(directory)).not.toContain('index.js');
  });

  it('requires only built-in modules of Node, and the description of the API', () => {
    const code = read(bundleHandler('api').directory);
    const required = [...code.matchAll(/require\("([^"]+)"\)/g)].map(([, name]) => name);
    expect(required.length).toBeGreaterThan(0);
    expect(required.filter((name) => name?.startsWith('.'))).toEqual(['./openapi.json']);
    for (const name of required.filter((each) => !each?.startsWith('.')))
      expect(process.getBuiltinModule(String(name)), name).toBeDefined();
  });

  it('omits the credential providers that Lambda does not use', () => {
    const code = read(bundleHandler('api').directory);
    // Not `toMatch`: it would print the whole bundle.
    for (const provider of ['fromSSO', 'fromIni', 'fromTokenFile', 'fromProcess'])
      expect(code.includes(provider), provider).toBe(false);
    expect(code.includes('AWS_SESSION_TOKEN')).toBe(true);
  });

  it('is the same in every folder, so that a deployment changes only if the code changes', () => {
    const elsewhere = bundleHandler('api', { outdir: join(scratch, 'elsewhere') });
    expect(read(elsewhere.directory) === read(bundleHandler('api').directory)).toBe(true);
  });

  it('is built once per process', () => {
    expect(bundleHandler('api')).toBe(bundleHandler('api'));
  });

  it('has its source map in a separate file, and only on request', () => {
    expect(existsSync(join(bundleHandler('api').directory, 'handler.cjs.map'))).toBe(false);
    const mapped = bundleHandler('api', { outdir: join(scratch, 'mapped'), sourceMaps: true });
    expect(read(mapped.directory, 'handler.cjs.map').includes('lambda/api.ts')).toBe(true);
    expect(read(mapped.directory).endsWith('//# sourceMappingURL=handler.cjs.map\n')).toBe(true);
  });

  it('cannot be built for a handler that does not exist', () => {
    expect(() => bundleHandler('nothing')).toThrow('There is no handler lambda/nothing.ts to bundle.');
  });
});
