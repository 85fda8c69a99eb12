#!/usr/bin/env node
import { existsSync } from 'node:fs';

// A checkout runs the source, so that no outdated build is used. The package contains the compiled files only.
const source = new URL('./main.ts', import.meta.url);
const compiled = new URL('../dist/cli/main.js', import.meta.url);
const { main } = await import((existsSync(source) ? source : compiled).href);
await main();
