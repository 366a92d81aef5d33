// Bundles what runs: one CommonJS file per function for nodejs20, the worker that plays a function instance, the command line.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
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

/** What the vendor's SDKs load at once and a function hardly ever calls: proxies and web sockets, merging, calendars, profile files. */
const seldomUsed = /^(lodash|moment|ws|https-proxy-agent|http-proxy-agent|socks-proxy-agent|ini)$/;

/**
 * Has `seldomUsed` modules loaded at their first use instead of at the cold start. The stand-in calls itself an ES module, so that the
 * SDKs' import helpers take it as it is.
 */
const loadSeldomUsedLazily = {
  name: 'load-seldom-used-lazily',
  setup({ onResolve, onLoad, resolve }) {
    onResolve({ filter: seldomUsed }, async ({ path, kind, resolveDir, pluginData }) => {
      if (kind !== 'require-call' || pluginData === 'found') return undefined;
      const found = await resolve(path, { kind, resolveDir, pluginData: 'found' });
      return { ...found, namespace: 'lazily' };
    });
    onLoad({ filter: /./, namespace: 'lazily' }, ({ path }) => ({
      resolveDir: root,
      contents: `
        let loaded;
        const load = () => (loaded ??= require(${JSON.stringify(path)}));
        module.exports = new Proxy({}, {
          get: (_, name) =>
            name === '__esModule' ? true : name === 'default' && !load().__esModule ? load() : load()[name],
        });`,
    }));
  },
};

/** All that a build is made from: the sources of `folders`, the locked dependencies, this file. */
function digestOf(folders) {
  const hash = createHash('sha256');
  const sources = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .filter((name) => /\.m?ts$/.test(name))
      .map((name) => join(folder, name)),
  );
  for (const name of [...sources.sort(), 'package-lock.json', 'tsconfig.json', join('cli', 'build.mjs')])
    hash.update(`${name}\0`).update(readFileSync(join(root, name)));
  return hash.digest('hex');
}

/** What tells a file that has not been touched since it was built. */
function sizesAndTimes(outDir) {
  const names = readdirSync(outDir).filter((name) => /\.[cm]?js$/.test(name));
  return Object.fromEntries(
    names.sort().map((name) => {
      const { size, mtimeMs } = statSync(join(outDir, name));
      return [name, `${size} ${mtimeMs}`];
    }),
  );
}

const stampOf = (outDir, digest) => JSON.stringify({ digest, files: sizesAndTimes(outDir) });

function isBuilt(outDir, digest) {
  try {
    return readFileSync(`${outDir}.stamp`, 'utf8') === stampOf(outDir, digest);
  } catch {
    return false;
  }
}

/**
 * Builds beside `outDir`, then puts each file there whole: another command may be reading it, or building too. Does nothing when
 * neither the sources nor what was built has changed since.
 */
async function buildInto(outDir, folders, ...builds) {
  const digest = digestOf(folders);
  if (isBuilt(outDir, digest)) return outDir;
  const { build } = await import('esbuild');
  const fresh = `${outDir}.${process.pid}-${Math.trunc(performance.now())}`;
  try {
    await Promise.all(builds.map((options) => build({ ...common, ...options, outdir: fresh })));
    mkdirSync(outDir, { recursive: true });
    rmSync(`${outDir}.stamp`, { force: true });
    for (const name of readdirSync(fresh)) renameSync(join(fresh, name), join(outDir, name));
    writeFileSync(`${outDir}.stamp`, stampOf(outDir, digest));
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return outDir;
}

/** Builds the functions into `outDir`. */
export const buildFunctions = (outDir = join(root, 'dist', 'functions')) =>
  buildInto(outDir, ['functions', 'shared'], {
    entryPoints: Object.fromEntries(functionNames().map((name) => [name, join(root, 'functions', name, 'index.ts')])),
    format: 'cjs',
    minifySyntax: true,
    minifyWhitespace: true,
    plugins: [loadSeldomUsedLazily],
    // The vendor's SDKs still call Buffer(): a notice in the log of every cold start otherwise, and nothing of ours to mend.
    banner: { js: 'process.noDeprecation = true;' },
  });

/** Builds the command line and the instance worker into `outDir`. */
export const buildTools = (outDir = join(root, 'dist', 'tools')) =>
  buildInto(
    outDir,
    ['cli', 'local', 'shared', 'functions'],
    {
      entryPoints: {
        main: join(root, 'cli', 'main.ts'),
        'instance-process': join(root, 'cli', 'instance-process.ts'),
      },
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
