import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { photoAvatarRequest } from '../lambda/domain/request/contract.ts';
import { configuration, readConfiguration } from '../lib/config.ts';

const read = (file: string): string => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');

const readme = read('README.md');

/** The text below a heading. */
const section = (heading: string): string => {
  const [, after] = readme.split(`\n## ${heading}\n`);
  if (after === undefined) throw new Error(`README.md has no section ${heading}.`);
  return after.split('\n## ')[0] ?? '';
};

/** A table without its delimiter row and the padding of its columns. */
const tableIn = (text: string): string[] =>
  (text.match(/^\|.*\|$/gm) ?? [])
    .filter((line) => !/^[-| ]+$/.test(line))
    .map((line) => line.replace(/ +/g, ' '));

const requestSchema = z.object({
  required: z.array(z.string()),
  properties: z.record(
    z.string(),
    z.object({
      description: z.string(),
      enum: z.array(z.string()).optional(),
      format: z.string().optional(),
      maxLength: z.number().optional(),
    }),
  ),
});

describe('README.md', () => {
  it('has at most 150 lines', () => {
    expect(readme.trimEnd().split('\n').length).toBeLessThanOrEqual(150);
  });

  it('has the two commands', () => {
    expect(section('Two commands')).toMatch(/^npm ci && npm run demo\b.*\nnpm ci && npm test\b/m);
  });

  it('has every field of a request and its values, as the contract has them', () => {
    const { $defs } = z
      .object({ $defs: z.object({ PhotoAvatarRequest: requestSchema }) })
      .parse(z.toJSONSchema(photoAvatarRequest, { io: 'input' }));
    const { required, properties } = $defs.PhotoAvatarRequest;
    const rows = Object.entries(properties).map(([name, field]) => {
      const values = field.enum
        ? field.enum.map((value) => `\`${value}\``).join(', ')
        : `${field.format === 'uri' ? 'URL' : 'text'}, up to ${field.maxLength?.toLocaleString('en')} characters`;
      return `| \`${name}\` | ${required.includes(name) ? 'yes ' : ''}| ${values} | ${field.description} |`;
    });
    expect(tableIn(section('First call')).join('\n')).toBe(
      ['| field | required | values | |', ...rows].join('\n'),
    );
  });
});

it('docs/settings.md has every setting, its default and what it does, as lib/config.ts has them', () => {
  const defaults = z.record(z.string(), z.unknown()).parse(readConfiguration({}));
  const rows = Object.entries(configuration.shape).map(([name, { description = '' }]) => {
    const value = defaults[name] === undefined ? '' : `\`${defaults[name]}\``;
    return `| \`${name}\` | ${value} | ${description.replace(/[*<]/g, '\\$&')} |`;
  });
  const table = ['| setting | default | |', ...rows].join('\n');
  expect(tableIn(read('docs/settings.md')).join('\n')).toBe(table.replace(/ +/g, ' '));
});
