import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { buildFunctions, buildTools } from '../../cli/build.mjs';

declare module 'vitest' {
  interface ProvidedContext {
    bundlesDir: string;
  }
}

/** Global setup: a directory of this run for the bundles, removed at its end. They are built by the first test that needs them. */
export default function setup(project: TestProject): () => void {
  const directory = mkdtempSync(join(tmpdir(), 'dualstack-alb-test-'));
  project.provide('bundlesDir', directory);
  return () => rmSync(directory, { recursive: true, force: true });
}

export interface Bundles {
  codeDir: string;
  workerPath: string;
}

/** The bundles of this run; files that run at the same time wait for the one that builds. */
export async function builtBundles(directory: string): Promise<Bundles> {
  const [functions, tools] = [join(directory, 'functions'), join(directory, 'tools')];
  const [built, failed] = [join(directory, 'built'), join(directory, 'failed')];
  try {
    mkdirSync(join(directory, 'building'));
    try {
      await Promise.all([buildFunctions(functions), buildTools(tools)]);
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
  return { codeDir: functions, workerPath: join(tools, 'worker.cjs') };
}
