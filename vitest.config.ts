import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/bundles.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // A process takes one file after the other and keeps the vendor's SDKs loaded: half the time of an isolated run.
    pool: 'forks',
    isolate: false,
    // Part of the time is spent waiting for commands that tests have started.
    maxWorkers: '150%',
    // The vendor's SDKs are CommonJS: import them as Node itself does.
    deps: { interopDefault: false },
  },
});
