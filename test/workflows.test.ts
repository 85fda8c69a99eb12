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
  it('pins every action to a commit and names its version', () => {
    expect(actionsIn(text).length).toBeGreaterThan(0);
    for (const action of actionsIn(text))
      expect(action).toMatch(/^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it('declares its permissions and cannot write to the repository', () => {
    expect(text).toMatch(/^permissions:/m);
    expect(text).not.toMatch(/: write\b(?! # for the OpenID Connect token)/);
  });

  it('uses no long-lived keys', () => {
    expect(text).not.toMatch(/secrets\.|aws-access-key-id|aws-secret-access-key/);
  });
});

it('the deployment is followed by the doctor, for the same stage', () => {
  const { text = '' } = WORKFLOWS.find(({ name }) => name === 'deploy.yml') ?? {};
  const [, deploy = '', doctor = ''] = text.split(/^ {6}- name: (?=Deploy|Doctor)/m);
  expect(deploy).toContain('npx cdk deploy');
  expect(doctor).toMatch(/run: npm exec -- photo-avatars doctor --stack "PhotoAvatars-\$STAGE"/);
  const stageOf = (step: string) => /STAGE: (.*)/.exec(step)?.[1];
  expect(stageOf(doctor)).toBe(stageOf(deploy));
  expect(doctor).not.toMatch(/continue-on-error|\|\|[^']*true/);
});
