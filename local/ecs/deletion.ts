import { refuse } from './errors.ts';
import type { EcsState, Instance } from './state.ts';

/** @throws what stands in the way of deleting the instance now. `isForced` lets a running one go. */
export function checkDeletable(state: EcsState, instance: Instance, isForced: boolean): void {
  if (instance.deletionProtection) throw refuse('InvalidOperation.DeletionProtection', instance.id);
  const status = state.instances.statusOf(instance);
  if (status === 'Pending' || status === 'Starting') throw refuse('IncorrectInstanceStatus.Initializing', instance.id);
  if (instance.isBeingDeleted || (status !== 'Stopped' && !isForced))
    throw refuse('IncorrectInstanceStatus', instance.id);
}
