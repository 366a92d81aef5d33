import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Where the compiled code of a bundle is kept, and what the file must begin with to belong to this version of the bundle. */
export interface CodeCache {
  file: string;
  /** Of the bundle's version and of Node's, in hex. */
  digest: string;
}

/**
 * Returns where the compiled code of a bundle belongs: beside the worker, one file per bundle name.
 *
 * @returns undefined when there is no such bundle.
 */
export function codeCacheOf(bundle: string, workerPath: string): CodeCache | undefined {
  const about = statSync(bundle, { bigint: true, throwIfNoEntry: false });
  if (about === undefined) return undefined;
  const { mtimeNs, size, ino } = about;
  const digest = createHash('sha256').update(`${process.version} ${bundle} ${ino} ${size} ${mtimeNs}`).digest('hex');
  return { file: join(dirname(workerPath), 'code-cache', `${basename(bundle)}.bin`), digest };
}

/** Returns the compiled code; undefined when there is none of this version. */
export function readCode({ file, digest }: CodeCache): Buffer | undefined {
  try {
    const bytes = readFileSync(file);
    const start = Buffer.from(digest, 'hex');
    return bytes.subarray(0, start.length).equals(start) ? Buffer.from(bytes.subarray(start.length)) : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps compiled code for the instances to come. What cannot be written is compiled again. */
export function keepCode({ file, digest }: CodeCache, code: Uint8Array, writer: number): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    const fresh = `${file}.${process.pid}-${writer}`;
    writeFileSync(fresh, Buffer.concat([Buffer.from(digest, 'hex'), code]));
    renameSync(fresh, file);
  } catch {
    // A folder that may not be written to.
  }
}
