import { adoptedGroupIds, staleRules, wantedPermissions } from '../../shared/backend-permissions.ts';
import { hasMark, markOf, markText } from '../../shared/marks.ts';
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
async function closePorts({ ecs, spec, outputs, config, record }: Context): Promise<Mending[]> {
  // A first apply has left nothing behind.
  if (record.epoch === 0 && record.readyAtMs === undefined) return [];
  const { securityGroupId, managedGroupIds } = outputs['security-group'];
  const mark = markText(config.name, record.deploymentId, 'security-group');
  const wanted = wantedPermissions(spec, outputs.network.vSwitches);
  const managed = adoptedGroupIds(spec, outputs.instances.instances);
  const groups = [
    ...(securityGroupId === undefined ? [] : [{ groupId: securityGroupId, wanted }]),
    ...managedGroupIds.map((groupId) => ({ groupId, wanted: managed.includes(groupId) ? wanted : [] })),
  ];
  const mendings: Mending[] = [];
  for (const { groupId, wanted: stillWanted } of groups) {
    const rules = (await ecs.getSecurityGroupRules(groupId)) ?? [];
    const ids = staleRules(stillWanted, rules, mark).map(({ ruleId }) => ruleId);
    if (ids.length > 0)
      mendings.push({
        purpose: 'revoke',
        params: { groupId, ids },
        call: (clientToken) => ecs.revokeSecurityGroup(groupId, ids, clientToken),
        reason: `rules that are no longer asked for are being taken out of security group ${groupId}`,
      });
  }
  return mendings;
}
