import type { CloudContext } from '../cloud-context.ts';

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

/** Every asynchronous operation of the region since the start. */
export class JobLog {
  readonly #context: CloudContext;
  #jobs: Job[] = [];

  constructor(context: CloudContext) {
    this.#context = context;
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
    this.#jobs.push({
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
    return [...this.#jobs].reverse();
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
