import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { bundleHandler } from '../lib/handler-code.ts';

/**
 * Maximum size of the api function in bytes. Each 100 kB adds about 4 ms of parsing to a cold start. Raise it only with
 * a reason, after `npm run bench -- bundle-size`.
 */
const BUDGET = 400_000;

const root = fileURLToPath(new URL('..', import.meta.url));
const { code, bytes } = bundleHandler('api');
const api = readFileSync(code, 'utf8');

/** A separate bundle of a module, to verify that the traces below would be found in the api bundle. */
const bundled = (contents: string): string => {
  const { outputFiles } = buildSync({
    stdin: { contents, resolveDir: root },
    bundle: true,
    platform: 'node',
    mainFields: ['module', 'main'],
    minify: true,
    write: false,
    logLevel: 'silent',
  });
  return outputFiles[0]?.text ?? '';
};

const countOf = (text: string, part: string): number => text.split(part).length - 1;

describe('the bundle of the api function', () => {
  it('stays within its budget', () => {
    expect(bytes).toBeLessThanOrEqual(BUDGET);
  });

  it('contains no credential provider but the environment', () => {
    const chain = bundled("export * from '@aws-sdk/credential-provider-node';");
    for (const trace of ['sso_session', 'role_arn', 'credential_process', 'AWS_WEB_IDENTITY_TOKEN_FILE']) {
      expect(countOf(chain, trace), `${trace} in the default chain`).toBeGreaterThan(0);
      expect(countOf(api, trace), trace).toBe(0);
    }
  });

  it('contains one locale of zod, once', () => {
    const everyLocale = bundled("import { z } from 'zod'; console.log(z);");
    const english = 'Too big: expected';
    const alone = bundled("import * as z from 'zod'; console.log(z.string());");
    expect(countOf(alone, english)).toBeGreaterThan(0);
    expect(countOf(api, english)).toBe(countOf(alone, english));
    for (const foreign of ['Input non valido', 'Ongeldige invoer', 'Nieprawid']) {
      expect(countOf(everyLocale, foreign), `${foreign} among all locales`).toBeGreaterThan(0);
      expect(countOf(api, foreign), foreign).toBe(0);
    }
  });

  it('contains no event streams and no dynamic imports', () => {
    const eventStreams = bundled("export * from '@smithy/core/event-streams';");
    const trace = ':event-type';
    expect(countOf(eventStreams, trace)).toBeGreaterThan(0);
    expect(countOf(api, trace)).toBe(0);
    expect(api.includes('import(')).toBe(false);
  });
});
