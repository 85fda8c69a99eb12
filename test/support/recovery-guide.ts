import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import * as z from 'zod';

const mapping = z.record(z.string(), z.record(z.string(), z.string()));

/** Physical identifiers by logical id, as `cdk import` reads them from a file. */
export type ResourceMapping = z.infer<typeof mapping>;

/** A resource in the output of `aws cloudformation list-stack-resources`. */
export interface ListedResource {
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId: string;
  readonly ResourceType: string;
  readonly ResourceStatus: string;
}

const guide = readFileSync(new URL('../../docs/recovery.md', import.meta.url), 'utf8');

/** Runs the program of docs/recovery.md that maps what a deleted stack kept. @throws Error if it fails */
export const mapKept = (listed: readonly ListedResource[]): ResourceMapping => {
  const [, program] = /list-stack-resources .*\| node -e '\n([^']*)' > kept\.json/.exec(guide) ?? [];
  if (!program) throw new Error('docs/recovery.md has no program that maps resources.');
  const input = JSON.stringify({ StackResourceSummaries: listed });
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', program], {
    input,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`The program ended with ${status}: ${stderr}`);
  return mapping.parse(JSON.parse(stdout));
};
