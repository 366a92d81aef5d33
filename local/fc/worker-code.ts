import { readFileSync } from 'node:fs';
import Module from 'node:module';
import { dirname } from 'node:path';
import vm from 'node:vm';
import { type CodeCache, readCode } from './code-cache.ts';

/**
 * Runs a bundle as Node would, with V8's compiled code of an earlier instance: a bundle with the vendor's SDKs takes longer to compile
 * than all the rest of a cold start.
 *
 * @param paths - where `require` looks; nowhere above the bundle.
 * @returns what the bundle exports, and what gives the compiled code once the first request has been served: undefined when
 *   the cache has it.
 */
export function runBundle(
  file: string,
  paths: string[],
  cache: CodeCache | undefined,
): { exported: Record<string, unknown>; compiled: () => Uint8Array | undefined } {
  const source = readFileSync(file, 'utf8');
  const cachedData = cache === undefined ? undefined : readCode(cache);
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
    compiled: () =>
      cachedData !== undefined && script.cachedDataRejected !== true
        ? undefined
        : Uint8Array.from(script.createCachedData()),
  };
}
