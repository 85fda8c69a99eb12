import { readFileSync } from 'node:fs';

/** The folder above is the repository, or `dist/` in the package. */
const manifest = (): string => {
  for (const path of ['../package.json', '../../package.json']) {
    try {
      return readFileSync(new URL(path, import.meta.url), 'utf8');
    } catch {
      // The other place.
    }
  }
  throw new Error('The package has no package.json.');
};

export const packageVersion = (): string => {
  const { version }: { version: string } = JSON.parse(manifest());
  return version;
};
