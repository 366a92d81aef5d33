import type { DeploymentRecord } from './deployment/record.ts';
import { hasMark, type Mark } from './marks.ts';
import type { StageName } from './pipeline.ts';
import { fail, type StageContext, type StageResult } from './stage.ts';

interface Marked {
  id: string;
  tags: Record<string, string>;
  /** A mark besides the tags, such as a description. */
  isDescribed?: boolean;
}

/** Whether the record says that this stage has created the resource: what it lists as created, or what a create of it answered. */
export function isRecordedAsCreated(record: DeploymentRecord, stage: StageName, id: string): boolean {
  const { resources, tokens } = record.stages[stage];
  return (
    resources.some((resource) => resource.id === id && resource.created) ||
    Object.values(tokens).some(({ resultId }) => resultId === id)
  );
}

/**
 * Puts the mark back that others have taken from what we made, since release goes by it.
 *
 * @param tag - adds the mark; no token is needed, as twice is the same (P-016).
 * @returns whether the resource is ours: it bears the mark, or the record says that we made it.
 */
export async function ensureMark<N extends StageName>(
  context: Pick<StageContext<N>, 'record' | 'change'>,
  stage: N,
  resource: Marked,
  mark: Mark,
  tag: () => Promise<void>,
): Promise<boolean> {
  if (hasMark(resource.tags, mark)) return true;
  if (resource.isDescribed !== true && !isRecordedAsCreated(context.record, stage, resource.id)) return false;
  // Whether a listing shows them is not documented for every type (P-083).
  await context.change('restore-tags', { id: resource.id, tags: mark }, tag, { isEffectOpen: true });
  return true;
}

/** Whether we made the resource, and others have taken our mark from it since. */
export const hasLostMark = (record: DeploymentRecord, stage: StageName, resource: Marked, mark: Mark): boolean =>
  !hasMark(resource.tags, mark) && resource.isDescribed !== true && isRecordedAsCreated(record, stage, resource.id);

/**
 * Release deletes only what bears our mark. What has lost it may have been taken over on purpose: the release is blocked
 * and says so.
 */
export const markLost = (what: string, id: string, mark: Mark): StageResult<never> =>
  fail('release.mark-lost', `${what} ${id} was made by this deployment, but its tags have been taken away since`, {
    remedy: `To have it deleted, give it the tags ${Object.entries(mark)
      .map(([key, value]) => `${key}=${value}`)
      .join(' and ')} again; else delete it by hand. The release then goes on by itself.`,
  });
