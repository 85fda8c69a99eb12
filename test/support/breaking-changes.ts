import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { runRedocly } from './redocly.ts';

const report = z.object({
  changes: z.array(
    z.object({
      path: z.string(),
      verdicts: z.array(z.object({ impact: z.string(), ruleId: z.string(), message: z.string() })),
    }),
  ),
});

const referring = z.object({ $ref: z.string() });
const responsesIn = z.object({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        requestBody: z.object({ required: z.boolean().optional() }).optional(),
        responses: z.record(z.string(), z.unknown()),
      }),
    ),
  ),
  components: z.object({ responses: z.record(z.string(), z.unknown()) }),
});
const withProblems = z.object({
  content: z.object({
    'application/problem+json': z.object({ examples: z.record(z.string(), z.unknown()) }),
  }),
});

/** What each operation does that a client relies on, and that the rules of Redocly do not compare. */
const readDocument = (file: string) => {
  const { paths, components } = responsesIn.parse(JSON.parse(readFileSync(file, 'utf8')));
  const problemsOf = (response: unknown): string[] => {
    const { data } = referring.safeParse(response);
    const target = data ? components.responses[data.$ref.split('/').at(-1) ?? ''] : response;
    return Object.keys(
      withProblems.safeParse(target).data?.content['application/problem+json'].examples ?? {},
    );
  };
  return new Map(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(
        ([method, { requestBody, responses }]) =>
          [
            `${method.toUpperCase()} ${path}`,
            {
              needsBody: requestBody?.required === true,
              takesBody: requestBody !== undefined,
              problems: Object.values(responses).flatMap(problemsOf),
            },
          ] as const,
      ),
    ),
  );
};

const unseenByRedocly = (released: string, current: string): string[] => {
  const now = readDocument(current);
  return [...readDocument(released)].flatMap(([route, before]) => {
    const after = now.get(route);
    if (!after) return [];
    return [
      ...before.problems
        .filter((name) => !after.problems.includes(name))
        .map((name) => `${route}: The problem ${name} was removed. (problem-removed)`),
      ...(after.needsBody && !before.takesBody
        ? [`${route}: A required request body was added. (request-body-added)`]
        : []),
    ];
  });
};

/**
 * The changes by which a client of the released document fails with the current one.
 *
 * @param released path of an OpenAPI document
 * @param current path of an OpenAPI document
 */
export const breakingChanges = async (released: string, current: string): Promise<string[]> => {
  const { stdout, stderr } = await runRedocly(
    'diff',
    '--format',
    'json',
    '--fail-on',
    'none',
    released,
    current,
  );
  if (!stdout.startsWith('{')) throw new Error(`redocly diff failed: ${stderr}`);
  const { changes } = report.parse(JSON.parse(stdout));
  const found = changes.flatMap(({ path, verdicts }) =>
    verdicts
      .filter(({ impact }) => impact === 'major')
      .map(({ ruleId, message }) => `${path}: ${message} (${ruleId})`),
  );
  return [...found, ...unseenByRedocly(released, current)];
};

/** Whether a version may break clients of a released one: the major version is higher, or before 1.0.0 the minor one. */
export const mayBreak = (released: string, current: string): boolean => {
  const [major = 0, minor = 0] = released.split('.').map(Number);
  const [nextMajor = 0, nextMinor = 0] = current.split('.').map(Number);
  return nextMajor > major || (major === 0 && nextMajor === 0 && nextMinor > minor);
};
