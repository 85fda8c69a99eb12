import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const app = new URL('./photo-avatars.ts', import.meta.url);

// `cdk` runs this file with the first `node` in PATH. Only `npx` and `npm` put the project's own Node there.
if (process.features.typescript) {
  await import(app.href);
} else {
  const ownNode = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));
  if (existsSync(ownNode)) {
    const { error, status } = spawnSync(ownNode, [fileURLToPath(app)], { stdio: 'inherit' });
    if (error) throw error;
    process.exitCode = status ?? 1;
  } else {
    console.error(
      `Node ${process.versions.node} cannot run TypeScript. Run \`npm ci\`, which installs the Node of this project, and try again.`,
    );
    process.exitCode = 1;
  }
}
