import { readFileSync } from 'node:fs';

// Prints the section of the change log for a version tag, and fails if the release is not prepared:
// `node packaging/release-notes.ts v1.2.3`

const read = (name: string): string => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');

const notesOf = (tag: string | undefined): string => {
  const { version } = JSON.parse(read('package.json'));
  if (tag !== `v${version}`)
    throw new Error(`The tag is ${tag}, but the version in package.json is ${version}.`);
  const sections = read('CHANGELOG.md').split(/^## /m);
  const section = sections.find((text) => text.startsWith(`[${version}] - `));
  if (!section) throw new Error(`CHANGELOG.md has no section "## [${version}] - <date>".`);
  return section.slice(section.indexOf('\n')).trim();
};

try {
  console.log(notesOf(process.argv[2]));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
