import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    pool: 'threads',
    // The vendor's SDKs are CommonJS: import them as Node itself does.
    deps: { interopDefault: false },
  },
});
