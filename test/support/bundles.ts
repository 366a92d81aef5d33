import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { buildFunctions, buildTools, root } from '../../cli/build.mjs';

declare module 'vitest' {
  interface ProvidedContext {
    bundlesDir: string;
  }
}

/** Global setup: a directory in which tests tell each other that the bundles are built. The first test that needs them builds. */
export default function setup(project: TestProject): () => void {
  const directory = mkdtempSync(join(tmpdir(), 'dualstack-alb-test-'));
  project.provide('bundlesDir', directory);
  return () => rmSync(directory, { recursive: true, force: true });
}

export interface Bundles {
  codeDir: string;
  workerPath: string;
}

/** The bundles in dist/; files that run at the same time wait for the one that builds. */
export async function builtBundles(directory: string): Promise<Bundles> {
  const [built, failed] = [join(directory, 'built'), join(directory, 'failed')];
  try {
    mkdirSync(join(directory, 'building'));
    try {
      await Promise.all([buildFunctions(), buildTools()]);
      writeFileSync(built, '');
    } catch (error) {
      writeFileSync(failed, '');
      throw error;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    while (!existsSync(built)) {
      if (existsSync(failed))
        throw new Error('the bundles could not be built; see the file that tried', { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  return { codeDir: join(root, 'dist', 'functions'), workerPath: join(root, 'dist', 'tools', 'worker.cjs') };
}
