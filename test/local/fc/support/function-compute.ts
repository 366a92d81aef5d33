import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';
import { buildWorker } from '../../../../local/fc/build-worker.ts';
import { FunctionCompute, type FunctionComputeOptions } from '../../../../local/fc/function-compute.ts';
import type { LogEntry } from '../../../../local/fc/function-runtime.ts';
import { type FunctionSpec, functionSchema } from '../../../../local/fc/spec.ts';
import { testContext } from '../../../support/cloud-context.ts';

export const regionId = 'cn-shanghai';
export const accountId = '1234567890123456';

let worker: Promise<string> | undefined;
afterAll(async () => {
  const built = worker;
  worker = undefined;
  if (built !== undefined) await rm(dirname(await built), { recursive: true });
});

/** Built once per test file. */
export const workerPath = (): Promise<string> =>
  (worker ??= mkdtemp(join(tmpdir(), 'fc-worker-')).then((folder) => buildWorker(folder)));

type Definition = Partial<Record<keyof FunctionSpec, unknown>>;

/** A function definition with defaults; its handler is the file of its own name. */
export const define = (functionName: string, more: Definition = {}): FunctionSpec =>
  functionSchema.parse({
    functionName,
    runtime: 'nodejs20',
    handler: `${functionName}.handler`,
    timeout: 20,
    role: `acs:ram::${accountId}:role/runner`,
    ...more,
  });

export const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
export const parse = (body: Buffer): unknown => JSON.parse(body.toString('utf8'));

/** Function Compute with the given CommonJS sources, one file per function; on a clock that stands still. */
export async function startFunctions(
  sources: Record<string, string>,
  definitions: Record<string, Definition> = {},
  options: Partial<FunctionComputeOptions> = {},
) {
  const context = testContext();
  const codeDir = await mkdtemp(join(tmpdir(), 'fc-code-'));
  for (const [name, source] of Object.entries(sources)) await writeFile(join(codeDir, `${name}.js`), source);
  const logs: LogEntry[] = [];
  const revoked: string[] = [];
  const compute = new FunctionCompute({
    clock: context.clock,
    accountId,
    regionId,
    codeDir,
    workerPath: await workerPath(),
    credentials: (role, functionName) => Promise.resolve(context.credentials.issue(role, functionName)),
    revoke: (accessKeyId) => {
      revoked.push(accessKeyId);
      context.credentials.revoke(accessKeyId);
    },
    route: () => Promise.resolve({ refusal: 'ENETUNREACH' }),
    credentialStore: context.credentials,
    log: (entry) => logs.push(entry),
    random: () => 0.5,
    ...options,
  });
  const specs = Object.keys(sources).map((name) => define(name, definitions[name]));
  compute.install(specs);
  compute.start();
  onTestFinished(async () => {
    await compute.close();
    await rm(codeDir, { recursive: true });
  });
  return { compute, context, clock: context.clock, logs, revoked, codeDir, specs };
}

/** Lets promises and messages between threads settle until `condition` holds. */
export async function until(condition: () => boolean, what = 'the condition'): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited 10 s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
