import { createHash } from 'node:crypto';
import type { CloudContext } from '../cloud-context.ts';
import { crc64 } from '../crc64.ts';
import { ShortMemory } from '../short-memory.ts';
import { refuse } from './errors.ts';

export interface StoredObject {
  body: Buffer;
  /** MD5 in hex, upper case, as OSS writes it. */
  etag: string;
  crc64: string;
  contentType: string;
  modifiedAtMs: number;
}

/** No temporary key lives as long. */
const grantMs = 48 * 3_600_000;

/** For how long an uploaded archive stands in the platform's bucket: the embedded cloud's word. A function keeps its own copy. */
const uploadMs = 24 * 3_600_000;

/** Buckets of the account and of Function Compute's own, in memory. */
export class OssState {
  readonly context: CloudContext;
  #buckets = new Map<string, Map<string, StoredObject>>();
  readonly #uploadBuckets = new Set<string>();
  /** By digest: functions of one deployment often upload the same archive. */
  #bodies = new Map<string, Buffer>();
  /** Temporary keys that may write one object only, by access key id. */
  readonly #grants: ShortMemory<string>;

  constructor(context: CloudContext) {
    this.context = context;
    this.#grants = new ShortMemory(context.clock, grantMs);
  }

  get bucketNames(): string[] {
    return [...this.#buckets.keys()];
  }

  /** @param isForUploads - its objects go after a day. */
  addBucket(name: string, isForUploads = false): void {
    if (!this.#buckets.has(name)) this.#buckets.set(name, new Map());
    if (isForUploads) this.#uploadBuckets.add(name);
  }

  hasBucket(name: string): boolean {
    return this.#buckets.has(name);
  }

  /** Lets the temporary key put and read this one object. */
  grant(accessKeyId: string, bucket: string, key: string): void {
    this.#grants.set(accessKeyId, `${bucket}/${key}`);
  }

  grantOf(accessKeyId: string): string | undefined {
    return this.#grants.get(accessKeyId);
  }

  /** @throws NoSuchBucket, NoSuchKey */
  object(bucket: string, key: string): StoredObject {
    const found = this.#bucket(bucket).get(key);
    if (found === undefined) throw refuse('NoSuchKey');
    return found;
  }

  /** @throws NoSuchBucket */
  put(bucket: string, key: string, sent: Buffer, contentType = 'application/octet-stream'): StoredObject {
    const digest = createHash('sha256').update(sent).digest('hex');
    const body = this.#bodies.get(digest) ?? sent;
    this.#bodies.set(digest, body);
    const stored: StoredObject = {
      body,
      etag: createHash('md5').update(body).digest('hex').toUpperCase(),
      crc64: crc64(body),
      contentType,
      modifiedAtMs: this.context.clock.nowMs(),
    };
    this.#bucket(bucket).set(key, stored);
    this.#expireUploads();
    this.#freeBodies();
    return stored;
  }

  /** Gone already counts as removed. @throws NoSuchBucket */
  remove(bucket: string, key: string): void {
    this.#bucket(bucket).delete(key);
    this.#freeBodies();
  }

  /** Bytes in memory. */
  get storedBytes(): number {
    return [...this.#bodies.values()].reduce((sum, { length }) => sum + length, 0);
  }

  /** Whatever no object has any more. */
  #freeBodies(): void {
    const kept = new Set(
      [...this.#buckets.values()].flatMap((objects) => [...objects.values()].map(({ body }) => body)),
    );
    for (const [digest, body] of this.#bodies) if (!kept.has(body)) this.#bodies.delete(digest);
  }

  #expireUploads(): void {
    const oldestMs = this.context.clock.nowMs() - uploadMs;
    for (const name of this.#uploadBuckets)
      for (const [key, { modifiedAtMs }] of this.#bucket(name))
        if (modifiedAtMs <= oldestMs) this.#bucket(name).delete(key);
  }

  #bucket(name: string): Map<string, StoredObject> {
    const found = this.#buckets.get(name);
    if (found === undefined) throw refuse('NoSuchBucket');
    return found;
  }
}
