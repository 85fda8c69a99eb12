import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { configuration, readConfiguration } from '../lib/config.ts';
import { deployed } from './lib/synthesize.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** What stands under a heading. */
const section = (heading: string): string => {
  const [, after] = readme.split(`\n## ${heading}\n`);
  if (after === undefined) throw new Error(`README.md has no section ${heading}.`);
  return after.split('\n## ')[0] ?? '';
};

const STACK = 'PhotoAvatars-prod';
const ACCOUNT = 'us-east-1:111122223333';

const template = z.object({
  Outputs: z.record(z.string(), z.object({ Value: z.unknown() })),
  Resources: z.record(z.string(), z.object({ Type: z.string() })),
});
const synthesized = template.parse(deployed().template.toJSON());

/** What CloudFormation makes of references, by the type and the attribute. */
const EXAMPLES: Record<string, string> = {
  'AWS::ApiGatewayV2::Api.ApiEndpoint': 'https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com',
  'AWS::S3::Bucket': `${STACK.toLowerCase()}-…`,
  'AWS::SNS::Topic': `arn:aws:sns:${ACCOUNT}:${STACK}-…`,
  'AWS::SQS::Queue': `https://sqs.us-east-1.amazonaws.com/111122223333/${STACK}-…`,
  'AWS::SQS::Queue.Arn': `arn:aws:sqs:${ACCOUNT}:${STACK}-…`,
  'AWS::SecretsManager::Secret.Id': `arn:aws:secretsmanager:${ACCOUNT}:secret:…`,
};

const reference = z.union([
  z.object({ Ref: z.string() }).transform(({ Ref }) => [Ref]),
  z.object({ 'Fn::GetAtt': z.array(z.string()) }).transform((found) => found['Fn::GetAtt']),
]);
const join = z.object({ 'Fn::Join': z.tuple([z.string(), z.array(z.unknown())]) });

const shown = (value: unknown): string => {
  if (typeof value === 'string') return value;
  const joined = join.safeParse(value);
  if (joined.success) {
    const [separator, parts] = joined.data['Fn::Join'];
    return parts.map(shown).join(separator);
  }
  const [id = '', ...attribute] = reference.parse(value);
  if (id === 'AWS::Region') return 'us-east-1';
  const type = synthesized.Resources[id]?.Type ?? id;
  return EXAMPLES[[type, ...attribute].join('.')] ?? `${STACK}-…`;
};

describe('README.md', () => {
  it('has every setting, its default and what it does, as lib/config.ts has them', () => {
    const defaults = z.record(z.string(), z.unknown()).parse(readConfiguration({}));
    const rows = Object.entries(configuration.shape).map(([name, { description = '' }]) => {
      const value = defaults[name] === undefined ? '' : `\`${defaults[name]}\``;
      return `| \`${name}\` | ${value} | ${description.replace(/[*<]/g, '\\$&')} |`;
    });
    const table = ['| setting | default | |', ...rows];
    const found = (section('Settings').match(/^\|.*\|$/gm) ?? []).filter((line) => !/^[-| ]+$/.test(line));
    // The formatter aligns the columns.
    const plain = (lines: readonly string[]) => lines.map((line) => line.replace(/ +/g, ' ')).join('\n');
    expect(plain(found)).toBe(plain(table));
  });

  it('has the outputs that a deployment prints', () => {
    const printed = Object.entries(synthesized.Outputs)
      .map(([name, { Value }]) => `${STACK}.${name} = ${shown(Value)}`)
      .join('\n');
    const blocks = section('Deploy').split(/^```.*$/m);
    expect(blocks.find((text) => text.startsWith(`\n${STACK}`))?.trim()).toBe(printed);
  });
});
