import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { LOG_QUERIES } from '../lib/log-queries.ts';
import { deployed } from './lib/synthesize.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(read('package.json')));

const STACK = 'PhotoAvatars-prod';
const ACCOUNT = 'us-east-1:111122223333';

const templateSchema = z.object({
  Outputs: z.record(z.string(), z.object({ Value: z.unknown() })),
  Resources: z.record(z.string(), z.object({ Type: z.string() })),
});
const template = templateSchema.parse(deployed().template.toJSON());
const withEventSchemas = templateSchema.parse(deployed({ eventSchemas: true }).template.toJSON());

/** Example values of references, by type and attribute. */
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
const joined = z.object({ 'Fn::Join': z.tuple([z.string(), z.array(z.unknown())]) });

/** The value of an output as CloudFormation could resolve it. */
const resolved = (value: unknown): string => {
  if (typeof value === 'string') return value;
  const text = joined.safeParse(value);
  if (text.success) {
    const [separator, parts] = text.data['Fn::Join'];
    return parts.map(resolved).join(separator);
  }
  const [id = '', ...attribute] = reference.parse(value);
  if (id === 'AWS::Region') return 'us-east-1';
  const type = template.Resources[id]?.Type ?? id;
  return EXAMPLES[[type, ...attribute].join('.')] ?? `${STACK}-…`;
};

/** The output that a shell variable holds: `API_URL` holds `ApiUrl`. */
const outputOf = (variable: string): string =>
  variable
    .split('_')
    .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
    .join('');

/** Every page for readers. */
const PAGES = globSync('{*,docs/**/*,examples/**/*,.github/**/*}.md', {
  cwd: root,
  exclude: (path) => path.includes('node_modules'),
});

const GUIDES = PAGES.filter((page) => !page.startsWith('examples'));

const allMatches = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, found]) => found ?? '');

/** Fenced code contains examples, not links. */
const prose = (page: string): string => read(page).replace(/^```.*?^```/gms, '');

/** The anchor that GitHub derives from a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

const anchorsIn = (page: string): string[] => allMatches(prose(page), /^#+ (.+)$/gm).map(anchorOf);

describe('the documentation', () => {
  it('includes the main pages', () => {
    expect(PAGES).toEqual(
      expect.arrayContaining(['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'docs/operations.md']),
    );
  });

  it('names only npm commands that exist, as do the checks', () => {
    const places = [...GUIDES, '.ci/run', ...globSync('.github/workflows/*', { cwd: root })];
    const named = places.flatMap((place) => [
      ...allMatches(read(place), /\bnpm run ([\w:-]+)/g),
      ...allMatches(read(place), /\bnpm (test|start)\b/g),
    ]);
    expect(named).toEqual(expect.arrayContaining(['test', 'start', 'demo']));
    // `synth` is a script of the example.
    const known = new Set([...Object.keys(scripts), 'synth']);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  it.each(PAGES)('has no broken link: %s', (page) => {
    const links = allMatches(prose(page), /\]\(([^)\s]+)\)/g).filter((link) => !/^[a-z]+:/.test(link));
    const broken = links.filter((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? page : join(dirname(page), path);
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !anchorsIn(target).includes(anchor);
    });
    expect(broken).toEqual([]);
  });
});

describe('stack outputs', () => {
  it.each(['README.md', 'docs/operations.md', 'docs/triggers.md', 'docs/events.md', 'docs/recovery.md'])(
    'exist if a page names them: %s',
    (page) => {
      const text = read(page);
      const variables = allMatches(text, /\$([A-Z][A-Z_]*)/g).filter((name) => !name.startsWith('AWS_'));
      // The reader sets these.
      const own = new Set(['ID', 'TOKEN', 'TOPIC_ARN']);
      const named = [
        ...variables.filter((name) => !own.has(name)).map(outputOf),
        ...allMatches(text, /outputs? `(\w+)`/g),
      ];
      expect(named).not.toEqual([]);
      expect(named.filter((name) => !Object.hasOwn(withEventSchemas.Outputs, name))).toEqual([]);
    },
  );
});

describe('docs/operations.md', () => {
  it('has the outputs that a deployment prints', () => {
    const printed = Object.entries(template.Outputs)
      .map(([name, { Value }]) => `${STACK}.${name} = ${resolved(Value)}`)
      .join('\n');
    const blocks = read('docs/operations.md').split(/^```.*$/m);
    expect(blocks.find((text) => text.startsWith(`\n${STACK}`))?.trim()).toBe(printed);
  });

  it('quotes only log messages, saved queries and messages of Lambda that exist', () => {
    const code = globSync('lambda/**/*.ts', { cwd: root }).map(read).join('\n');
    const lambdaMessages = ['Task timed out', 'Runtime exited'];
    const known = (message: string): boolean =>
      Object.hasOwn(LOG_QUERIES, message) ||
      lambdaMessages.includes(message) ||
      ["'", '"', '`'].some((quote) => code.includes(quote + message));
    // A message is a sentence: it begins with a capital letter and a word in lower case follows.
    const quoted = allMatches(prose('docs/operations.md'), /`([A-Z]\w+(?:'s)? [a-z][^`]*)`/g);
    expect(quoted).toEqual(expect.arrayContaining(['Request failed', 'JoggAI called', 'One request']));
    expect(quoted.filter((message) => !known(message))).toEqual([]);
  });
});

describe('docs/decisions.md', () => {
  it('gives a reason for every decision, and what would change it', () => {
    const [, ...entries] = read('docs/decisions.md').split(/^- /m);
    const incomplete = entries.filter(
      (entry) => !/^\*\*[^*]+\*\*\n {2}- Reason: .+\n {2}- Would change: .+/s.test(entry),
    );
    expect(entries.length).toBeGreaterThan(50);
    expect(incomplete).toEqual([]);
  });
});
