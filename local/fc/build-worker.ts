import { join } from 'node:path';
import { build } from 'esbuild';

/**
 * Bundles the worker of Function Compute into `outDir`.
 *
 * @returns the path to give to FunctionCompute as `workerPath`.
 */
export async function buildWorker(outDir: string): Promise<string> {
  const workerPath = join(outDir, 'fc-worker.cjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'worker.ts')],
    outfile: workerPath,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'warning',
  });
  return workerPath;
}
