import { createHash } from 'node:crypto';
import type { StageName } from './pipeline.ts';
import { valueAt } from './dictionary.ts';

/** Tags that prove a resource ours: which deployment, which stage, and which part of it. */
export type Mark = Record<string, string>;

/**
 * The mark of a part of a stage. Keys and values stay within 64 characters, the narrowest rule of all products (P-020).
 *
 * @param installation - the installation's name prefix; keeps installations in one account apart.
 * @param part - tells several resources of one kind apart, such as the backend's name.
 */
export function markOf(installation: string, deploymentId: string, stage: StageName, part?: string): Mark {
  return {
    [`${installation}-deployment`]: deploymentId,
    [`${installation}-stage`]: stage,
    ...(part === undefined ? {} : { [`${installation}-part`]: part }),
  };
}

/** Whether `tags` carry all of `mark`. */
export const hasMark = (tags: Record<string, string>, mark: Mark): boolean =>
  Object.entries(mark).every(([key, value]) => valueAt(tags, key) === value);

/** For what takes no tags but a description: security-group rules and server entries. */
export const markText = (installation: string, deploymentId: string, stage: StageName): string =>
  `${installation}/${deploymentId}/${stage}`;

/** The deployment of this installation whose mark a description is; undefined where it is none of the stage's. */
export function markedBy(installation: string, stage: StageName, description: string): string | undefined {
  const [name, deploymentId, of, ...more] = description.split('/');
  return name === installation && of === stage && more.length === 0 ? deploymentId : undefined;
}

/**
 * Client token: 64 hexadecimal characters (P-015), the same for the same generation of the same purpose.
 */
export const clientTokenOf = (deploymentId: string, stage: StageName, purpose: string, generation: number): string =>
  createHash('sha256')
    .update([deploymentId, stage, purpose, String(generation)].join('\n'))
    .digest('hex');

/** Fingerprint of the parameters that a token is frozen to. */
export const fingerprint = (params: unknown): string =>
  createHash('sha256').update(JSON.stringify(params)).digest('hex').slice(0, 32);
