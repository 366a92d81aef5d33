// Bundles what runs: one CommonJS file per function for nodejs20, the worker that plays a function instance, the command line.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Names of all functions: the folders of functions/ with an index.ts. */
export const functionNames = () =>
  readdirSync(join(root, 'functions'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, 'functions', entry.name, 'index.ts')))
    .map((entry) => entry.name);

const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  sourcemap: false,
  logLevel: 'warning',
  // The package `tablestore` assigns to undeclared names, which strict mode forbids.
  tsconfigRaw: { compilerOptions: { alwaysStrict: false, verbatimModuleSyntax: true } },
};

/** Builds beside `outDir`, then puts each file there whole: another command may be reading it, or building too. */
async function buildInto(outDir, ...builds) {
  const { build } = await import('esbuild');
  const fresh = `${outDir}.${process.pid}-${Math.trunc(performance.now())}`;
  try {
    await Promise.all(builds.map((options) => build({ ...common, ...options, outdir: fresh })));
    mkdirSync(outDir, { recursive: true });
    for (const name of readdirSync(fresh)) renameSync(join(fresh, name), join(outDir, name));
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return outDir;
}

/** Builds the functions into `outDir`. */
export const buildFunctions = (outDir = join(root, 'dist', 'functions')) =>
  buildInto(outDir, {
    entryPoints: Object.fromEntries(functionNames().map((name) => [name, join(root, 'functions', name, 'index.ts')])),
    format: 'cjs',
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: true,
    // The vendor's SDKs still call Buffer(): a notice in the log of every cold start otherwise, and nothing of ours to mend.
    banner: { js: 'process.noDeprecation = true;' },
  });

/** Builds the command line and the instance worker into `outDir`. */
export const buildTools = (outDir = join(root, 'dist', 'tools')) =>
  buildInto(
    outDir,
    {
      entryPoints: { main: join(root, 'cli', 'main.ts') },
      format: 'esm',
      outExtension: { '.js': '.mjs' },
      packages: 'external',
    },
    {
      entryPoints: { worker: join(root, 'local', 'fc', 'worker.ts') },
      format: 'cjs',
      outExtension: { '.js': '.cjs' },
    },
  );

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await buildFunctions();
  await buildTools();
}
