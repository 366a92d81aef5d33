import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { crc32 } from './crc32.ts';

const endOfDirectory = 0x06_05_4b_50;
const directoryEntry = 0x02_01_4b_50;
const localHeader = 0x04_03_4b_50;

interface Entry {
  name: string;
  content: Buffer;
  mode: number;
}

/**
 * The files of a ZIP archive.
 *
 * @throws Error with the reason, also for what Function Compute cannot unpack: encryption, other methods than stored and deflated.
 * @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT (sections 4.3.7, 4.3.12, 4.3.16)
 */
export function readArchive(archive: Buffer): Entry[] {
  const endAt = findEnd(archive);
  const count = archive.readUInt16LE(endAt + 10);
  let at = archive.readUInt32LE(endAt + 16);
  const entries: Entry[] = [];
  for (let index = 0; index < count; index += 1) {
    if (at + 46 > archive.length || archive.readUInt32LE(at) !== directoryEntry)
      throw new Error('the central directory is damaged');
    const flags = archive.readUInt16LE(at + 8);
    const method = archive.readUInt16LE(at + 10);
    const crc = archive.readUInt32LE(at + 16);
    const [packedSize, size] = [archive.readUInt32LE(at + 20), archive.readUInt32LE(at + 24)];
    const nameLength = archive.readUInt16LE(at + 28);
    const mode = archive.readUInt32LE(at + 38) >>> 16;
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
    const content = (): Buffer => {
      if ((flags & 1) === 1) throw new Error(`${name} is encrypted`);
      const packed = packedOf(archive, archive.readUInt32LE(at + 42), packedSize);
      if (method !== 0 && method !== 8) throw new Error(`${name} is packed with method ${method}`);
      const plain = method === 0 ? packed : inflateRawSync(packed);
      if (plain.length !== size || crc32(plain) !== crc) throw new Error(`${name} is damaged`);
      return plain;
    };
    if (!name.endsWith('/')) entries.push({ name, content: content(), mode });
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return entries;
}

/** Writes the archive's files under `folder`. @throws Error with the reason; for names that lead out of the folder, too. */
export function unpackArchive(archive: Buffer, folder: string): { files: number; bytes: number } {
  const root = resolve(folder);
  let bytes = 0;
  const entries = readArchive(archive);
  for (const { name } of entries)
    if (name.includes('\\') || name.includes('\0') || !resolve(join(root, name)).startsWith(`${root}${sep}`))
      throw new Error(`the name ${JSON.stringify(name)} leads out of the archive`);
  for (const { name, content, mode } of entries) {
    // A symbolic link could lead anywhere: its text is written instead.
    const file = join(root, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content, { mode: (mode & 0o111) === 0 ? 0o644 : 0o755 });
    bytes += content.length;
  }
  return { files: entries.length, bytes };
}

function findEnd(archive: Buffer): number {
  for (let at = archive.length - 22; at >= 0 && at >= archive.length - 22 - 65_535; at -= 1)
    if (archive.readUInt32LE(at) === endOfDirectory) return at;
  throw new Error('not a ZIP archive');
}

function packedOf(archive: Buffer, at: number, size: number): Buffer {
  if (at + 30 > archive.length || archive.readUInt32LE(at) !== localHeader)
    throw new Error('a local header is damaged');
  const from = at + 30 + archive.readUInt16LE(at + 26) + archive.readUInt16LE(at + 28);
  if (from + size > archive.length) throw new Error('the archive is cut off');
  return archive.subarray(from, from + size);
}
