// Bundles a benchmark of this folder and runs its main.ts; arguments are passed on.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));

/**
 * @param {string} name - folder of the benchmark.
 * @param {string[]} processes - further entry points, which main.ts starts.
 */
export async function runBench(name, processes = []) {
  const outdir = join(here, '..', 'dist', 'bench', name);
  await build({
    entryPoints: ['main', ...processes].map((entry) => join(here, name, `${entry}.ts`)),
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    logLevel: 'warning',
  });
  const args = [join(outdir, 'main.mjs'), ...process.argv.slice(2)];
  process.exitCode = spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1;
}
