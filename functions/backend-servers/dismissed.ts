import type { Permission } from '../../shared/alibaba/ecs/security-groups.ts';
import { adoptedGroupIds, staleRules, wantedPermissions } from '../../shared/backend-permissions.ts';
import { isSettled } from '../../shared/group-users.ts';
import { ruleKeyOf } from '../../shared/rule-key.ts';
import { hasMark, markOf, markText } from '../../shared/marks.ts';
import { endRules } from '../../shared/shared-rules.ts';
import type { Mending, StageContext } from '../../shared/stage.ts';

type Context = StageContext<'backend-servers'>;

/**
 * What is left of backends that are no longer asked for: instances that we made for them, and ports that were open for
 * them. It goes here, not in the stages that made it, because only now they have left the server group (P-072).
 */
export const dismissals = async (context: Context): Promise<Mending[]> => [
  ...(await deleteInstances(context)),
  ...(await closePorts(context)),
];

async function deleteInstances({ ecs, outputs, config, record }: Context): Promise<Mending[]> {
  const { dismissedIds = [] } = outputs.instances;
  if (dismissedIds.length === 0) return [];
  const mark = markOf(config.name, record.deploymentId, 'instances');
  const found = await ecs.listInstances({ instanceIds: dismissedIds });
  const ours = found.filter(({ tags }) => hasMark(tags, mark));
  if (ours.length === 0) return [];
  const deletable = ours.filter(({ status }) => status !== 'Stopping').map(({ instanceId }) => instanceId);
  return [
    {
      purpose: 'delete-dismissed',
      params: deletable,
      call: (clientToken) => ecs.deleteInstances(deletable, clientToken),
      reason: `${ours.length} instances that are no longer asked for are being deleted`,
    },
  ];
}

/** Rules of ours that nothing asks for: of former ports, or changed by others. */
async function closePorts(context: Context): Promise<Mending[]> {
  const { ecs, groups, spec, outputs, config, record } = context;
  // A first apply has left nothing behind.
  if (record.epoch === 0 && record.readyAtMs === undefined) return [];
  const { securityGroupId, managedGroupIds } = outputs['security-group'];
  const mark = markText(config.name, record.deploymentId, 'security-group');
  const { vSwitches, dismissedVSwitches = [] } = outputs.network;
  // What comes from a zone is let in until the load balancer has left it.
  const hasLeft = record.stages['load-balancer'].apply.state === 'done';
  const wanted = wantedPermissions(spec, hasLeft ? vSwitches : [...vSwitches, ...dismissedVSwitches]);
  const used = adoptedGroupIds(spec, outputs.instances.instances);
  // A change has just taken the right back. One that never had it may hold rules that another deployment has left to it.
  const ownsNone =
    !spec.securityGroup.manageAdopted && record.unsettled?.includes('securityGroup.manageAdopted') === true;
  const mendings: Mending[] = [];
  const close = (groupId: string, ids: string[], call: Mending['call']) =>
    mendings.push({
      purpose: 'revoke',
      params: { groupId, ids },
      call,
      reason: `rules that are no longer asked for are being taken out of security group ${groupId}`,
    });
  const staleIn = async (groupId: string, stillWanted: Permission[]) =>
    staleRules(stillWanted, (await ecs.getSecurityGroupRules(groupId)) ?? [], mark);

  const own = securityGroupId === undefined ? [] : await staleIn(securityGroupId, wanted);
  if (securityGroupId !== undefined && own.length > 0) {
    const ids = own.map(({ ruleId }) => ruleId);
    close(securityGroupId, ids, (clientToken) => ecs.revokeSecurityGroup(securityGroupId, ids, clientToken));
  }
  for (const groupId of managedGroupIds) {
    const stillWanted = used.includes(groupId) ? wanted : [];
    const wants = stillWanted.map(ruleKeyOf);
    const rules = await staleIn(groupId, ownsNone ? [] : stillWanted);
    // Also where none is left, what we needed, or handed over, stands there still.
    if (rules.length === 0 && isSettled(await groups.find(groupId), record.deploymentId, wants)) continue;
    const ids = rules.map(({ ruleId }) => ruleId);
    close(groupId, ids, (clientToken) => endRules(context, groupId, { wants, rules, ownsNone }, clientToken));
  }
  return mendings;
}
