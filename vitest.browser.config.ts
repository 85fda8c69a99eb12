import { defineConfig } from 'vitest/config';

/** The page in a real browser: `npm run browser`. */
export default defineConfig({
  test: {
    include: ['test/browser/**/*.browser.ts'],
    // Each file starts a browser and the whole service.
    maxWorkers: 1,
    isolate: false,
    testTimeout: 10 * 60_000,
    hookTimeout: 10 * 60_000,
    reporters: ['verbose'],
  },
});
