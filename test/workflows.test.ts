import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const directory = fileURLToPath(new URL('../.github/workflows', import.meta.url));
const WORKFLOWS = globSync('*.yml', { cwd: directory }).map((name) => ({
  name,
  text: readFileSync(join(directory, name), 'utf8'),
}));

const textOf = (name: string): string => WORKFLOWS.find((workflow) => workflow.name === name)?.text ?? '';

/** The text of each job by its name. */
const jobsOf = (name: string): Record<string, string> => {
  const [, jobs = ''] = textOf(name).split(/^jobs:\n/m);
  const [, ...parts] = jobs.split(/^ {2}([\w-]+):\n/m);
  return Object.fromEntries(
    parts.flatMap((part, index) => (index % 2 ? [] : [[part, parts[index + 1] ?? '']])),
  );
};

/** The scripts of a workflow, one line or more each. */
const scriptsIn = (text: string): string[] =>
  [...text.matchAll(/^( *)(?:- )?run: (?:\|\n((?:\1 +.*\n|\n)+)|(.*))/gm)].map(
    ([, , block, line]) => block ?? line ?? '',
  );

/** What a workflow may write to, and the reason that it gives. */
const WRITES = [
  'id-token: write # for the OpenID Connect token',
  'pull-requests: write # for the comment',
  'contents: write # for the release',
  'attestations: write # for the provenance',
];

describe.each(WORKFLOWS)('the workflow $name', ({ name, text }) => {
  it('pins every action to a commit and names its version', () => {
    const used = [...text.matchAll(/\buses: (.+)/g)].map(([, action = '']) => action);
    expect(used.length).toBeGreaterThan(0);
    for (const action of used)
      expect(action).toMatch(
        /^(\.\/\.github\/workflows\/[\w-]+\.yml|[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/,
      );
  });

  it('declares its permissions, and writes only what it has a reason for', () => {
    expect(text).toMatch(/^permissions:( \{\}|\n {2}contents: read)$/m);
    const writes = [...text.matchAll(/\b[\w-]+: write.*/g)].map(([write]) => write);
    expect(writes.filter((write) => !WRITES.includes(write))).toEqual([]);
    expect(writes.some((write) => write.startsWith('contents'))).toBe(name === 'release.yml');
  });

  it('uses no long-lived keys', () => {
    expect(text).not.toMatch(/secrets\.|aws-access-key-id|aws-secret-access-key|pull_request_target/);
  });

  it('passes values to its scripts as variables, so that no value is run as a command', () => {
    const scripts = scriptsIn(text);
    expect(scripts.length).toBe([...text.matchAll(/\brun: /g)].length);
    for (const script of scripts) expect(script).not.toContain('${{');
  });
});

describe('a deployment', () => {
  it('is followed by the doctor, for the same stage, which only a missing first key does not fail', () => {
    const [, deploy = '', doctor = ''] = textOf('deploy-stage.yml').split(/^ {6}- name: (?=Deploy|Doctor)/m);
    expect(deploy).toContain('npx cdk deploy --require-approval never -c "stage=$STAGE"');
    expect(doctor).toContain(
      'photo-avatars doctor --stack "PhotoAvatars-$STAGE" --timeout 10s --allow-missing-key |',
    );
    expect(doctor).toContain('shell: bash # with pipefail');
    expect(doctor).not.toMatch(/continue-on-error|\|\|[^']*true/);
  });

  it('has the environment of its stage, so that the reviewers of the stage approve it', () => {
    const { deploy = '' } = jobsOf('deploy-stage.yml');
    expect(deploy).toMatch(/environment: \$\{\{ inputs\.stage \}\}\n/);
    expect(deploy).toMatch(/STAGE: \$\{\{ inputs\.stage \}\}\n/);
  });

  it('goes by a version tag to test first, and to prod after the doctor of test', () => {
    expect(textOf('deploy.yml')).toContain('push:\n    tags: ["v*"]\n');
    const { 'one-stage': oneStage = '', test = '', prod = '', ...others } = jobsOf('deploy.yml');
    expect(Object.keys(others)).toEqual(['check']);
    expect(oneStage).toMatch(/if: github\.event_name == 'workflow_dispatch'\n {4}needs: check\n/);
    expect(test).toMatch(/if: github\.event_name == 'push'\n {4}needs: check\n.*with:\n {6}stage: test\n/s);
    expect(prod).toMatch(/needs: test\n.*with:\n {6}stage: prod\n/s);
    // With a condition such as always(), the job would run although `test` failed.
    expect(prod).not.toMatch(/^ {4}if:/m);
    for (const job of [oneStage, test, prod])
      expect(job).toContain('uses: ./.github/workflows/deploy-stage.yml');
  });
});

it('the checks have the history of the repository, because they upgrade from the last release', () => {
  expect(textOf('ci.yml')).toContain('fetch-depth: 0 ');
});

describe('the comment on a pull request', () => {
  const { diff = '', comment = '' } = jobsOf('diff.yml');

  it('is written by a job that runs no code of the pull request', () => {
    expect(diff).not.toContain(': write');
    expect(comment).not.toMatch(/uses:|npm|npx/);
    expect(comment).toContain('pull-requests: write');
  });

  it('is left out for a fork, with a sentence', () => {
    expect(comment).toContain('if: github.event.pull_request.head.repo.full_name == github.repository\n');
    expect(diff).toMatch(
      /if: github\.event\.pull_request\.head\.repo\.full_name != github\.repository\n +run: echo "No comment, /,
    );
  });
});

describe('a release', () => {
  it('has a signed origin and a list of contents for the package that it publishes', () => {
    const { release = '' } = jobsOf('release.yml');
    expect(release).toContain('npm sbom --sbom-format cyclonedx > photo-avatars.cdx.json');
    expect(release).toMatch(
      /attest-build-provenance@.*?photo-avatars-\*\.tgz\n +photo-avatars\.cdx\.json\n/s,
    );
    expect(release).toMatch(
      /gh release create "\$GITHUB_REF_NAME" photo-avatars-\*\.tgz photo-avatars\.cdx\.json/,
    );
    expect(release).toContain('needs: check\n');
  });
});
