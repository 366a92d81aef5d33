import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import Module from 'node:module';
import { basename, dirname, join } from 'node:path';
import { threadId } from 'node:worker_threads';
import vm from 'node:vm';

/** Of the file's version and of Node's, before the compiled code in a file: what does not match is compiled anew. */
const digestBytes = 32;

/**
 * Runs a bundle as Node would, but keeps V8's compiled code between instances: a bundle with the vendor's SDKs takes longer to compile
 * than all the rest of a cold start.
 *
 * @param paths - where `require` looks; nowhere above the bundle.
 * @param cacheDir - takes one file per bundle name.
 * @returns what the bundle exports, and how to keep the code once the first request has been served.
 */
export function runBundle(
  file: string,
  paths: string[],
  cacheDir: string,
): { exported: Record<string, unknown>; keepCode: () => void } {
  const { mtimeNs, size, ino } = statSync(file, { bigint: true });
  const digest = createHash('sha256').update(`${process.version} ${file} ${ino} ${size} ${mtimeNs}`).digest();
  const source = readFileSync(file, 'utf8');
  const cacheFile = join(cacheDir, `${basename(file)}.bin`);
  const cachedData = readCode(cacheFile, digest);
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
        writeFileSync(fresh, Buffer.concat([digest, script.createCachedData()]));
        renameSync(fresh, cacheFile);
      } catch {
        // A folder that may not be written to: the next instance compiles again.
      }
    },
  };
}

function readCode(file: string, digest: Buffer): Buffer | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch {
    return undefined;
  }
  return bytes.subarray(0, digestBytes).equals(digest) ? Buffer.from(bytes.subarray(digestBytes)) : undefined;
}
