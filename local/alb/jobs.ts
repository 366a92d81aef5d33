import type { CloudContext } from '../cloud-context.ts';
import { ShortMemory } from '../short-memory.ts';

export type ResourceType = 'loadbalancer' | 'servergroup' | 'listener' | 'rule';

/** One asynchronous operation, as ListAsynJobs tells of it. */
export interface Job {
  id: string;
  apiName: string;
  operateType: 'Create' | 'Update' | 'Delete';
  resourceId: string;
  resourceType: ResourceType;
  createdAtMs: number;
  doneAtMs: number;
  /** How it ends, if badly. */
  error?: { code: string; message: string };
}

/** For how long a job is listed, and how many are. No page of the vendor says: the embedded cloud's word. */
const listedMs = 7 * 86_400_000;
const mostListed = 10_000;

/** The asynchronous operations of the region. */
export class JobLog {
  readonly #context: CloudContext;
  readonly #jobs: ShortMemory<Job>;

  constructor(context: CloudContext) {
    this.#context = context;
    this.#jobs = new ShortMemory(context.clock, listedMs, mostListed);
  }

  /** @returns the new job's id. */
  begin(
    apiName: string,
    resourceType: ResourceType,
    resourceId: string,
    durationMs: number,
    error?: { code: string; message: string },
  ): string {
    const id = this.#nextId();
    const createdAtMs = this.#context.clock.nowMs();
    this.#jobs.set(id, {
      id,
      apiName,
      operateType: operateTypeOf(apiName),
      resourceId,
      resourceType,
      createdAtMs,
      doneAtMs: createdAtMs + durationMs,
      ...(error === undefined ? {} : { error }),
    });
    return id;
  }

  statusOf(job: Job): 'Processing' | 'Succeeded' | 'Failed' {
    if (this.#context.clock.nowMs() < job.doneAtMs) return 'Processing';
    return job.error === undefined ? 'Succeeded' : 'Failed';
  }

  /** The newest first. */
  list(): Job[] {
    return [...this.#jobs.values()].reverse();
  }

  #nextId(): string {
    const hex = (length: number) =>
      Array.from({ length }, () => Math.floor(this.#context.random() * 16).toString(16))
        .join('')
        .toUpperCase();
    return [8, 4, 4, 4, 12].map(hex).join('-');
  }
}

/** Adding servers to a group updates the group; only Create and Delete of the resource itself count as such (inf). */
function operateTypeOf(apiName: string): Job['operateType'] {
  if (apiName.startsWith('Create')) return 'Create';
  return apiName.startsWith('Delete') ? 'Delete' : 'Update';
}
