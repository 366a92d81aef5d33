import type { Collection, Kept } from '../lifecycle.ts';
import { refuse } from './errors.ts';
import type { EcsState } from './state.ts';
import { valueAt } from '../dictionary.ts';

/** Tag resource types of the real service that the embedded cloud has nothing of. */
const neverHere = ['snapshot', 'image', 'volume', 'ddh', 'keypair', 'launchtemplate', 'reservedinstance'];

/** The resources of a tag resource type: lower case in ECS. @throws InvalidResourceType.NotFound */
export function taggedOf(state: EcsState, resourceType: string): Collection<Kept> | undefined {
  const collections: Record<string, Collection<Kept>> = {
    instance: state.instances as unknown as Collection<Kept>,
    securitygroup: state.securityGroups as unknown as Collection<Kept>,
    eni: state.networkInterfaces as unknown as Collection<Kept>,
    disk: state.disks as unknown as Collection<Kept>,
  };
  const found = valueAt(collections, resourceType);
  if (found === undefined && !neverHere.includes(resourceType))
    throw refuse('InvalidResourceType.NotFound', resourceType);
  return found;
}

/** @throws InvalidResourceId.NotFound, InvalidResourceType.NotFound */
export function taggedItems(state: EcsState, resourceType: string, ids: string[]): Kept[] {
  const collection = taggedOf(state, resourceType);
  return ids.map((id) => {
    const item = collection?.find(id);
    if (item === undefined) throw refuse('InvalidResourceId.NotFound', id);
    return item;
  });
}
