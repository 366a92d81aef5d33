import { isAdopted } from './adopted.ts';
import type { Spec } from './spec.ts';

/** Where this installation may add rules to security groups of others: everywhere, or in these VPCs and groups. */
export type ManagePermission = 'everywhere' | readonly string[];

/** Returns whether rules may be added to a group of others. */
export const mayManage = (
  permission: ManagePermission,
  { vpcId, groupId }: { vpcId: string; groupId: string },
): boolean => permission === 'everywhere' || permission.includes(vpcId) || permission.includes(groupId);

/** Returns whether a request may ask for that. Which groups its servers have, the stages find out: a list that names groups lets it pass. */
const mayAsk = (permission: ManagePermission, { network }: Spec): boolean =>
  permission === 'everywhere' ||
  permission.some((id) => id.startsWith('sg-') || ('vpcId' in network && id === network.vpcId));

/** Names what is opened in those groups, or in which. */
const openedBy = ({ securityGroup, backends }: Spec): string =>
  JSON.stringify([securityGroup.manageAdopted, securityGroup.rules, backends.filter(isAdopted).map(openingOf)]);

const openingOf = ({ instanceId, port }: { instanceId: string; port: number }) => [instanceId, port];

/**
 * Whether a request opens groups of others though the installation does not allow it. One that changes nothing of what its
 * deployment has opened before is let through: the rest of it stays changeable.
 */
export const isUnallowed = (permission: ManagePermission, after: Spec, before?: Spec): boolean =>
  after.securityGroup.manageAdopted &&
  !mayAsk(permission, after) &&
  (before === undefined || openedBy(before) !== openedBy(after));

export const allowRemedy =
  'Leave securityGroup.manageAdopted out and open the ports yourself, or have the operator set DUALSTACK_ALB_ALLOW_MANAGE_ADOPTED to the ids of these security groups or of their VPC.';
