import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Whole installations take longest; begun last, one of them would run alone at the end. */
const first = ['/test/survival/', '/test/bundles/', '/test/chaos/', '/test/pipeline/', '/test/functions/'];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = ({ moduleId }: TestSpecification): number => {
      const rank = first.findIndex((folder) => moduleId.includes(folder));
      return rank < 0 ? first.length : rank;
    };
    return (await super.sort(files)).sort((one, other) => rankOf(one) - rankOf(other));
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    sequence: { sequencer: LongestFirst },
    globalSetup: ['test/support/bundles.ts'],
    // No test is about these: a busy machine takes its time.
    testTimeout: 90_000,
    hookTimeout: 90_000,
    // A process takes one file after the other and keeps the vendor's SDKs loaded: half the time of an isolated run.
    pool: 'forks',
    isolate: false,
    // What a call leaves behind dies young: fewer collections.
    execArgv: ['--max-semi-space-size=64'],
    // Part of the time is spent waiting for commands that tests have started.
    maxWorkers: '100%',
    // The vendor's SDKs are CommonJS: import them as Node itself does.
    deps: { interopDefault: false },
  },
});
