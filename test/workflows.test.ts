import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const directory = fileURLToPath(new URL('../.github/workflows', import.meta.url));
const WORKFLOWS = globSync('*.yml', { cwd: directory }).map((name) => ({
  name,
  text: readFileSync(join(directory, name), 'utf8'),
}));

const actionsIn = (text: string): string[] =>
  [...text.matchAll(/\buses: (.+)/g)].flatMap(([, action = '']) => (action.startsWith('./') ? [] : [action]));

describe.each(WORKFLOWS)('the workflow $name', ({ text }) => {
  it('runs no action but a certain commit of it, and says which version that is', () => {
    expect(actionsIn(text).length).toBeGreaterThan(0);
    for (const action of actionsIn(text))
      expect(action).toMatch(/^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it('says what it may do, and may write nothing of the repository', () => {
    expect(text).toMatch(/^permissions:/m);
    expect(text).not.toMatch(/: write\b(?! # for the OpenID Connect token)/);
  });

  it('holds and asks for no long-lived key', () => {
    expect(text).not.toMatch(/secrets\.|aws-access-key-id|aws-secret-access-key/);
  });
});
