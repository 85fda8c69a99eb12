import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { bundleHandler } from '../lib/handler-code.ts';

/**
 * What the api function may weigh, in bytes. Each 100 kB cost a start about 4 ms of parsing. Raise it with a reason,
 * after `npm run bench -- bundle-size`.
 */
const BUDGET = 400_000;

const root = fileURLToPath(new URL('..', import.meta.url));
const { code, bytes } = bundleHandler('api');
const api = readFileSync(code, 'utf8');

/** What the text of a module, bundled by itself, looks like: to know that what is looked for would be found. */
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

  it('has no way to credentials but the environment', () => {
    const chain = bundled("export * from '@aws-sdk/credential-provider-node';");
    for (const trace of ['sso_session', 'role_arn', 'credential_process', 'AWS_WEB_IDENTITY_TOKEN_FILE']) {
      expect(countOf(chain, trace), `${trace} in the default chain`).toBeGreaterThan(0);
      expect(countOf(api, trace), trace).toBe(0);
    }
  });

  it('has one language of zod, once', () => {
    const everyLanguage = bundled("import { z } from 'zod'; console.log(z);");
    const english = 'Too big: expected';
    const alone = bundled("import * as z from 'zod'; console.log(z.string());");
    expect(countOf(alone, english)).toBeGreaterThan(0);
    expect(countOf(api, english)).toBe(countOf(alone, english));
    for (const foreign of ['Input non valido', 'Ongeldige invoer', 'Nieprawid']) {
      expect(countOf(everyLanguage, foreign), `${foreign} among all languages`).toBeGreaterThan(0);
      expect(countOf(api, foreign), foreign).toBe(0);
    }
  });

  it('holds nothing to discover endpoints with, and no command that would', () => {
    const discovery = bundled("export * from '@aws-sdk/middleware-endpoint-discovery';");
    const trace = 'Endpoint Discovery is disabled';
    expect(countOf(discovery, trace)).toBeGreaterThan(0);
    expect(countOf(bundled("export * from '@aws-sdk/client-dynamodb';"), trace)).toBe(0);
    expect(countOf(api, trace)).toBe(0);
  });

  it('holds no event streams, and imports no module while it runs', () => {
    const eventStreams = bundled("export * from '@smithy/core/event-streams';");
    const trace = ':event-type';
    expect(countOf(eventStreams, trace)).toBeGreaterThan(0);
    expect(countOf(api, trace)).toBe(0);
    expect(api.includes('import(')).toBe(false);
  });
});
