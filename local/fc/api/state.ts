import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CloudContext } from '../../cloud-context.ts';
import { crc64 } from '../../crc64.ts';
import type { EventBridgeState } from '../../eventbridge/state.ts';
import type { OssState } from '../../oss/state.ts';
import { functionArn } from '../arn.ts';
import type { FunctionCompute } from '../function-compute.ts';
import { type AsyncInvokeSpec, cpuProblem, type FunctionSpec, functionSchema, type TriggerSpec } from '../spec.ts';
import { unpackArchive } from './archive.ts';
import { refuse } from './errors.ts';
import { check, checkRuntime, type CodeInput, type CreateFunctionInput, type UpdateFunctionInput } from './input.ts';

export interface StoredCode {
  archive: Buffer;
  checksum: string;
  /** Where it is unpacked. */
  folder: string;
}

export interface StoredTrigger {
  id: string;
  spec: TriggerSpec;
  /** As sent. */
  configText: string;
  description: string;
  invocationRole: string;
  sourceArn: string;
  createdAtMs: number;
  modifiedAtMs: number;
}

export interface StoredFunction {
  id: string;
  input: Omit<CreateFunctionInput, 'code' | 'tags'>;
  code: StoredCode;
  tags: Map<string, string>;
  triggers: Map<string, StoredTrigger>;
  asyncInvoke?: { config: AsyncInvokeSpec; createdAtMs: number; modifiedAtMs: number };
  reservedConcurrency?: number;
  createdAtMs: number;
  modifiedAtMs: number;
}

export interface DirectoryOptions {
  context: CloudContext;
  oss: OssState;
  compute: FunctionCompute;
  /** Where queue triggers have their streams. */
  eventBridge: EventBridgeState;
  /** Added to what every function sees: where the embedded cloud is. Not shown by the API. */
  environment: Record<string, string>;
}

/** A zipFile in the body, before Base64: 100 MB (facts section 3). An archive in OSS: 500 MB where most regions are. */
const mostInlineBytes = 100 * 1024 * 1024;

/** Archives that are kept, unpacked, though no function has them. */
const unusedCodes = 10;

/** The functions that the API has made, and what the runtime gets of them. */
export class FunctionDirectory {
  readonly options: DirectoryOptions;
  readonly functions = new Map<string, StoredFunction>();
  readonly #folder: string;
  /** By the digest of the archive: functions of one deployment often share theirs. */
  readonly #codes = new Map<string, StoredCode>();

  constructor(options: DirectoryOptions) {
    this.options = options;
    this.#folder = mkdtempSync(join(tmpdir(), 'dualstack-alb-fc-'));
  }

  get nowMs(): number {
    return this.options.context.clock.nowMs();
  }

  /** Archives in memory. */
  get storedCodes(): number {
    return this.#codes.size;
  }

  /** Removes what was unpacked; the runtime must have ended. */
  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** @throws FunctionNotFound */
  function(name: string): StoredFunction {
    const found = this.functions.get(name);
    if (found === undefined) throw refuse('FunctionNotFound', `function '${name}' does not exist`);
    return found;
  }

  /** @throws FunctionNotFound, TriggerNotFound */
  trigger(functionName: string, triggerName: string): StoredTrigger {
    const found = this.function(functionName).triggers.get(triggerName);
    if (found === undefined)
      throw refuse('TriggerNotFound', `trigger '${triggerName}' does not exist in function '${functionName}'`);
    return found;
  }

  arnOf(name: string): string {
    const { context } = this.options;
    return functionArn(context.regionId, context.credentials.accountId, name);
  }

  /** `LATEST` or nothing: versions and aliases are not emulated, so none exists. @throws VersionNotFound, AliasNotFound */
  checkQualifier(name: string, qualifier: string | null): void {
    if (qualifier === null || qualifier === '' || qualifier === 'LATEST') return;
    if (/^\d+$/.test(qualifier))
      throw refuse('VersionNotFound', `version '${qualifier}' of function '${name}' does not exist`);
    throw refuse('AliasNotFound', `alias '${qualifier}' of function '${name}' does not exist`);
  }

  create({ code, tags, ...input }: CreateFunctionInput): StoredFunction {
    const name = input.functionName;
    if (this.functions.has(name)) throw refuse('FunctionAlreadyExists', `function '${name}' already exists`);
    if (code === undefined) throw refuse('InvalidArgument', 'code is required');
    const created: StoredFunction = {
      id: randomUUID(),
      input: withDefaults(input),
      code: this.#load(code),
      tags: new Map((tags ?? []).map(({ Key, Value }) => [Key, Value])),
      triggers: new Map(),
      createdAtMs: this.nowMs,
      modifiedAtMs: this.nowMs,
    };
    this.#specOf(created);
    this.functions.set(name, created);
    this.#install();
    return created;
  }

  update(name: string, { code, functionName: _name, ...changes }: UpdateFunctionInput): StoredFunction {
    const before = this.function(name);
    const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
    const after: StoredFunction = {
      ...before,
      input: withDefaults({ ...before.input, ...given }),
      code: code === undefined ? before.code : this.#load(code),
      modifiedAtMs: this.nowMs,
    };
    this.#specOf(after);
    this.functions.set(name, after);
    this.#install();
    return after;
  }

  /** @throws FunctionNotFound, FunctionNotEmpty */
  remove(name: string): void {
    if (this.function(name).triggers.size > 0)
      throw refuse('FunctionNotEmpty', `function '${name}' has active triggers`);
    this.functions.delete(name);
    this.#install();
  }

  /** Applies `change` to a stored function, and brings it to the runtime. */
  change<T>(name: string, change: (stored: StoredFunction) => T): T {
    const result = change(this.function(name));
    this.#install();
    return result;
  }

  #install(): void {
    this.options.compute.install([...this.functions.values()].map((stored) => this.#specOf(stored)));
    this.#forgetCodes();
  }

  /** Code that no function has any more; the last ones stay, as instances that end with their request may still load from them. */
  #forgetCodes(): void {
    const used = new Set([...this.functions.values()].map(({ code }) => code));
    const unused = [...this.#codes].filter(([, code]) => !used.has(code));
    for (const [digest, { folder }] of unused.slice(0, Math.max(0, unused.length - unusedCodes))) {
      this.#codes.delete(digest);
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** @throws InvalidArgument for what no single member shows. */
  #specOf({ input, code, triggers, asyncInvoke, reservedConcurrency }: StoredFunction): FunctionSpec {
    const spec = check(functionSchema, {
      functionName: input.functionName,
      runtime: input.runtime,
      handler: input.handler,
      memorySize: input.memorySize,
      cpu: input.cpu,
      timeout: input.timeout,
      environmentVariables: { ...input.environmentVariables, ...this.options.environment },
      role: (input.role ?? '') === '' ? '' : (input.role as string).toLowerCase(),
      instanceConcurrency: input.instanceConcurrency,
      code: code.folder,
      ...(reservedConcurrency === undefined ? {} : { reservedConcurrency }),
    });
    return {
      ...spec,
      ...(asyncInvoke === undefined ? {} : { asyncInvokeConfig: asyncInvoke.config }),
      triggers: [...triggers.values()].map((trigger) => trigger.spec),
    };
  }

  /** @throws InvalidArgument */
  #load({ zipFile, ossBucketName, ossObjectName, checksum }: CodeInput): StoredCode {
    let archive: Buffer;
    if (zipFile !== undefined) {
      archive = Buffer.from(zipFile, 'base64');
      if (archive.length > mostInlineBytes) throw refuse('InvalidArgument', 'code: zipFile is larger than 100 MB');
    } else if (ossBucketName !== undefined && ossObjectName !== undefined) {
      try {
        archive = this.options.oss.object(ossBucketName, ossObjectName).body;
      } catch {
        throw refuse('InvalidArgument', `code: there is no object '${ossObjectName}' in bucket '${ossBucketName}'`);
      }
    } else throw refuse('InvalidArgument', 'code: zipFile, or ossBucketName and ossObjectName, are required');
    const actual = crc64(archive);
    if (checksum !== undefined && checksum !== '' && checksum !== actual)
      throw refuse('InvalidArgument', `code: checksum is ${actual}, not ${checksum}`);
    const digest = createHash('sha256').update(archive).digest('hex');
    const known = this.#codes.get(digest);
    if (known !== undefined) return known;
    const folder = join(this.#folder, digest.slice(0, 32));
    mkdirSync(folder);
    try {
      unpackArchive(archive, folder);
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      const reason = error instanceof Error ? error.message : String(error);
      throw refuse('InvalidArgument', `code: cannot be unpacked: ${reason}`);
    }
    const loaded: StoredCode = { archive, checksum: actual, folder };
    this.#codes.set(digest, loaded);
    return loaded;
  }
}

/** What the platform fills in; the runtime, and the rule between CPU and memory. @throws InvalidArgument */
function withDefaults(input: StoredFunction['input']): StoredFunction['input'] {
  checkRuntime(input.runtime);
  const memorySize = input.memorySize ?? 512;
  const cpu = input.cpu ?? Math.ceil((memorySize / 1024 / 1.5) * 20) / 20;
  const problem = cpuProblem(cpu, memorySize);
  if (problem !== undefined) throw refuse('InvalidArgument', problem);
  return {
    ...input,
    memorySize,
    cpu,
    diskSize: input.diskSize ?? 512,
    timeout: input.timeout ?? 3,
    instanceConcurrency: input.instanceConcurrency ?? 1,
    internetAccess: input.internetAccess ?? true,
    description: input.description ?? '',
    environmentVariables: input.environmentVariables ?? {},
    role: input.role ?? '',
  };
}
