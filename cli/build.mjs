// Bundles what runs: one CommonJS file per function for nodejs20, the worker that plays a function instance, the command line.
import { existsSync, readdirSync } from 'node:fs';
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

/** Builds the functions into `outDir`. */
export async function buildFunctions(outDir = join(root, 'dist', 'functions')) {
  const { build } = await import('esbuild');
  await build({
    ...common,
    entryPoints: Object.fromEntries(functionNames().map((name) => [name, join(root, 'functions', name, 'index.ts')])),
    format: 'cjs',
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: true,
    outdir: outDir,
  });
  return outDir;
}

/** Builds the command line and the instance worker into `outDir`. */
export async function buildTools(outDir = join(root, 'dist', 'tools')) {
  const { build } = await import('esbuild');
  await build({
    ...common,
    entryPoints: { main: join(root, 'cli', 'main.ts') },
    format: 'esm',
    outExtension: { '.js': '.mjs' },
    packages: 'external',
    outdir: outDir,
  });
  await build({
    ...common,
    entryPoints: { worker: join(root, 'local', 'fc', 'worker.ts') },
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    outdir: outDir,
  });
  return outDir;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await buildFunctions();
  await buildTools();
}
