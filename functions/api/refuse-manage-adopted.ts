import { allowRemedy, isUnallowed } from '../../shared/deployment/manage-adopted.ts';
import type { Spec } from '../../shared/deployment/spec.ts';
import { problemResponse } from '../../shared/problem.ts';
import type { Runtime } from '../../shared/runtime.ts';

const field = 'securityGroup.manageAdopted';

/** 403 where a request opens security groups of others and the installation does not allow that. `before`: what is asked of it now. */
export function refuseManageAdopted({ config }: Runtime, after: Spec, before?: Spec): Response | undefined {
  if (!isUnallowed(config.allowManageAdopted, after, before)) return undefined;
  const message = 'this installation may not add rules to the security groups of these servers';
  return problemResponse(403, 'manage-adopted', 'Forbidden', `${field}: ${message}. ${allowRemedy}`, [
    { field, message },
  ]);
}
