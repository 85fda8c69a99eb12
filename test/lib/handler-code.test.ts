import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bundleHandler } from '../../lib/handler-code.ts';

const scratch = mkdtempSync(join(tmpdir(), 'handler-code-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const read = (directory: string, file = 'index.js') => readFileSync(join(directory, file), 'utf8');

describe('the code of a handler', () => {
  it('is one CommonJS file that a package.json says is one', () => {
    const { directory, bytes } = bundleHandler('api', { outdir: join(scratch, 'plain') });
    expect(Buffer.byteLength(read(directory))).toBe(bytes);
    expect(JSON.parse(read(directory, 'package.json'))).toEqual({ type: 'commonjs' });
    expect(read(directory).includes('module.exports=')).toBe(true);
  });

  it('needs nothing but what Node brings', () => {
    const code = read(bundleHandler('api').directory);
    const required = [...code.matchAll(/require\("([^"]+)"\)/g)].map(([, name]) => name);
    expect(required.length).toBeGreaterThan(0);
    for (const name of required) expect(process.getBuiltinModule(String(name)), name).toBeDefined();
  });

  it('leaves out the ways to credentials that Lambda does not use', () => {
    const code = read(bundleHandler('api').directory);
    // Not `toMatch`: it would print the whole bundle.
    for (const way of ['fromSSO', 'fromIni', 'fromTokenFile', 'fromProcess'])
      expect(code.includes(way), way).toBe(false);
    expect(code.includes('AWS_SESSION_TOKEN')).toBe(true);
  });

  it('is the same wherever it is written, so that a deployment changes only with the code', () => {
    const elsewhere = bundleHandler('api', { outdir: join(scratch, 'elsewhere') });
    expect(read(elsewhere.directory) === read(bundleHandler('api').directory)).toBe(true);
  });

  it('is built once in a process', () => {
    expect(bundleHandler('api')).toBe(bundleHandler('api'));
  });

  it('has its source map in a file of its own, and only if asked for', () => {
    expect(existsSync(join(bundleHandler('api').directory, 'index.js.map'))).toBe(false);
    const mapped = bundleHandler('api', { outdir: join(scratch, 'mapped'), sourceMaps: true });
    expect(read(mapped.directory, 'index.js.map').includes('lambda/api.ts')).toBe(true);
    expect(read(mapped.directory).endsWith('//# sourceMappingURL=index.js.map\n')).toBe(true);
  });

  it('cannot be had of a handler that does not exist', () => {
    expect(() => bundleHandler('nothing')).toThrow('There is no handler lambda/nothing.ts to bundle.');
  });
});
