import { problemResponse } from '../../shared/problem.ts';
import type { Runtime } from '../../shared/runtime.ts';
import type { NameClaim } from '../../shared/store/names.ts';

/** Longer than the function may run: a claim without a record is by then one that came to nothing. */
const claimedMs = 120_000;

const mostTries = 10;

type Holder = { id: string; status: string };

/**
 * Gives the load balancer its name, unless another one that is not released has it. Claimed before the record is written, and
 * judged by the record of whoever claimed it: so nothing has to be given back, whatever dies in between.
 *
 * @returns the answer 409 that says who has the name; undefined: the name is taken by `id` now.
 */
export async function claimName(runtime: Runtime, name: string, id: string): Promise<Response | undefined> {
  const { names, clock } = runtime;
  for (let attempt = 0; attempt < mostTries; attempt += 1) {
    const before = await names.find(name);
    if (before?.id === id) return undefined;
    const holder =
      before === undefined ? await runtime.deployments.holderOf(name) : await holderBy(runtime, name, before);
    if (holder !== undefined && holder.id !== id) return nameTaken(name, holder);
    const after = await names.claim(name, { id, atMs: clock.nowMs() }, before);
    if (after.id === id) return undefined;
  }
  throw new Error(`the name ${name} is claimed by others again and again`);
}

async function holderBy(runtime: Runtime, name: string, claim: NameClaim): Promise<Holder | undefined> {
  const { id, atMs } = claim;
  const record = await runtime.deployments.find(id);
  const watch = record === undefined ? await runtime.watches.find(id) : undefined;
  const status = record?.status ?? watch?.status;
  if (status === 'released' || status === 'ended') return undefined;
  if (status !== undefined && (record?.spec.name ?? watch?.spec.name) === name) return { id, status };
  // It is being created, or is about to be renamed.
  return runtime.clock.nowMs() - atMs < claimedMs ? { id, status: 'about to be created' } : undefined;
}

function nameTaken(name: string, { id, status }: Holder): Response {
  const way =
    status === 'failed'
      ? `Correct it by POST /load-balancers/${id}/retry, release it by DELETE /load-balancers/${id}`
      : `Release it by DELETE /load-balancers/${id}`;
  const message = `${name} is the name of load balancer ${id}, which is ${status}`;
  return problemResponse(
    409,
    'name-taken',
    'Conflict',
    `name: ${message}. ${way}, or choose another name.`,
    [{ field: 'name', message }],
    {
      id,
    },
  );
}
