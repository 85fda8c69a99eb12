import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Vitest leaves one core to itself, which on a small machine is every second one.
    maxWorkers: '100%',
    // No test changes what a module holds, so that none has to be loaded anew for each file: half the time.
    isolate: false,
    // Guards against a hang, and nothing else: no test takes so long, however busy the machine is.
    testTimeout: 10 * 60_000,
    hookTimeout: 10 * 60_000,
    reporters: process.env.CI
      ? ['default', ['json', { outputFile: 'build/test-results.json' }]]
      : ['default'],
  },
});
