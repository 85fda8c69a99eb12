import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Starts the folders with the longest tests first, so that no core is idle at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => /\/test\/(integration|model)\//.test(moduleId);
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Vitest leaves one core to itself, which on a small machine is every second one.
    maxWorkers: '100%',
    sequence: { sequencer: LongestFirst },
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
