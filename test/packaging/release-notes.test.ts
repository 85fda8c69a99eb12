import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const project = mkdtempSync(join(tmpdir(), 'photo-avatars-release-'));
afterAll(() => rmSync(project, { recursive: true }));

beforeAll(() => {
  cpSync(join(root, 'packaging'), join(project, 'packaging'), { recursive: true });
  writeFileSync(join(project, 'package.json'), '{ "version": "1.2.3", "type": "module" }');
  const changes =
    '# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2026-12-01\n\n### Added\n\n- A.\n\n## [1.2.2] - 2026-11-30\n';
  writeFileSync(join(project, 'CHANGELOG.md'), changes);
});

const notesOf = (tag: string) =>
  spawnSync(process.execPath, ['packaging/release-notes.ts', tag], { cwd: project, encoding: 'utf8' });

it('the notes of a release are its section of the change log', () => {
  expect(notesOf('v1.2.3')).toMatchObject({ status: 0, stdout: '### Added\n\n- A.\n' });
});

it('a tag that is not the version is no release', () => {
  const { status, stderr } = notesOf('v1.2.4');
  expect(stderr).toBe('The tag is v1.2.4, but the version in package.json is 1.2.3.\n');
  expect(status).toBe(1);
});

it('a version without a date in the change log is no release', () => {
  const file = join(project, 'CHANGELOG.md');
  writeFileSync(file, readFileSync(file, 'utf8').replace('[1.2.3] - 2026-12-01', '[1.2.3]'));
  const { status, stderr } = notesOf('v1.2.3');
  expect(stderr).toBe('CHANGELOG.md has no section "## [1.2.3] - <date>".\n');
  expect(status).toBe(1);
});
