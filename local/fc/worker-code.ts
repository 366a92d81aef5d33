import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import Module from 'node:module';
import { dirname, join } from 'node:path';
import { threadId } from 'node:worker_threads';
import vm from 'node:vm';

/**
 * Runs a bundle as Node would, but keeps V8's compiled code between instances: a bundle with the vendor's SDKs takes longer to compile
 * than all the rest of a cold start. The name of a file holds the bundle's digest, so that a rebuilt one is compiled anew.
 *
 * @param paths - where `require` looks; nowhere above the bundle.
 * @returns what the bundle exports, and how to keep the code once the first request has been served.
 */
export function runBundle(
  file: string,
  paths: string[],
  cacheDir: string,
): { exported: Record<string, unknown>; keepCode: () => void } {
  const source = readFileSync(file, 'utf8');
  const cacheFile = join(cacheDir, `${createHash('sha256').update(source).digest('hex')}-${process.version}.bin`);
  const cachedData = readIfThere(cacheFile);
  const script = new vm.Script(Module.wrap(source), {
    filename: file,
    ...(cachedData === undefined ? {} : { cachedData }),
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const loaded = new Module(file);
  loaded.filename = file;
  loaded.paths = paths;
  const require = Object.assign((id: string) => loaded.require(id) as unknown, {
    resolve: (id: string) => Module.createRequire(file).resolve(id, { paths }),
    main: undefined,
  });
  const run = script.runInThisContext() as (...args: unknown[]) => void;
  run.call(loaded.exports, loaded.exports, require, loaded, file, dirname(file));
  return {
    exported: loaded.exports as Record<string, unknown>,
    keepCode() {
      if (cachedData !== undefined && script.cachedDataRejected !== true) return;
      try {
        mkdirSync(cacheDir, { recursive: true });
        const fresh = `${cacheFile}.${process.pid}-${threadId}`;
        writeFileSync(fresh, script.createCachedData());
        renameSync(fresh, cacheFile);
      } catch {
        // A folder that may not be written to: the next instance compiles again.
      }
    },
  };
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
