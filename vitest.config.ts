import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Vitest leaves one core to itself, which on a small machine is every second one.
    maxWorkers: '100%',
    // No test changes what a module holds, so that none has to be loaded anew for each file: half the time.
    isolate: false,
    // Far more than any test takes: the machine may be busy with something else.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: process.env.CI
      ? ['default', ['json', { outputFile: 'build/test-results.json' }]]
      : ['default'],
  },
});
