import type { ServerGroup, ServerGroupChange } from '../../shared/alibaba/alb/server-groups.ts';
import type { Spec } from '../../shared/deployment/spec.ts';
import { findOwn, secondLookMs } from '../../shared/find-own.ts';
import { hasMark } from '../../shared/marks.ts';
import { ensureMark, hasLostMark, markLost } from '../../shared/ownership.ts';
import { defineStage, done, fail, gone, type StageContext, wait } from '../../shared/stage.ts';
import { nameOf, settingChange, settingsOf } from './settings.ts';

/** The IPv6-enabled server group. It needs only the VPC, not the load balancer. */
export const serverGroup = defineStage({
  name: 'server-group',
  longestWaitMs: 5 * 60_000,

  async apply(context) {
    const { spec, alb, own, outputs } = context;
    const found = await findOwn(own.serverGroupId, alb.findServerGroup, () =>
      alb.listServerGroups({ tags: context.mark() }),
    );
    if (found === undefined) {
      // IpVersionAffinityMode stays unset: it could keep IPv6 clients from the IPv4 server (P-073).
      const params = {
        name: nameOf(spec),
        vpcId: outputs.network.vpcId,
        protocol: spec.serverGroup.protocol,
        scheduler: spec.serverGroup.scheduler,
        ipv6Enabled: true,
        ...settingsOf(spec),
        tags: context.mark(),
      };
      const id = await context.create('group', 'ServerGroup', params, (clientToken) =>
        alb.createServerGroup({ ...params, clientToken }),
      );
      return wait('the server group is being created', {
        own: { serverGroupId: id },
        resources: [{ type: 'ServerGroup', id, created: true }],
      });
    }
    const { serverGroupId } = found;
    const mark = context.mark();
    const created = await ensureMark(context, 'server-group', { id: serverGroupId, tags: found.tags }, mark, () =>
      alb.tagResource('servergroup', serverGroupId, mark),
    );
    const resources = [{ type: 'ServerGroup', id: serverGroupId, created }];
    if (found.status !== 'Available')
      return wait(`the server group is ${found.status}`, { own: { serverGroupId }, resources });
    const fixed = fixedDifferences(found, spec, outputs.network.vpcId);
    // Another group, the listener pointed at it, this one deleted: more than a repair does to what serves (P-074).
    if (fixed.length > 0)
      return fail(
        'server-group.fixed',
        `server group ${serverGroupId} ${fixed.join(' and ')}, which cannot be changed`,
        {
          remedy:
            'Release the deployment and ask again; or delete listener and server group: an apply then makes both anew.',
        },
      );
    const change = settingChange(context, found);
    if (change !== undefined) {
      const tooEarly = await basicLoadBalancer(context, found, change);
      if (tooEarly !== undefined) return wait(tooEarly, { own: { serverGroupId }, resources });
      await context.change('update', change, (clientToken) =>
        alb.updateServerGroup(serverGroupId, change, clientToken),
      );
      return wait('the server group is being updated', { own: { serverGroupId }, resources });
    }
    return done({ serverGroupId }, resources);
  },

  async release(context) {
    const { alb, own, record } = context;
    const found = await findOwn(own.serverGroupId, alb.findServerGroup, () =>
      alb.listServerGroups({ tags: context.mark() }),
    );
    if (found === undefined) {
      const mayExist = own.serverGroupId === undefined && record.stages['server-group'].tokens['group'] !== undefined;
      return mayExist && context.waitedMs < secondLookMs
        ? wait('looking twice for a server group of ours', { afterMs: secondLookMs })
        : gone();
    }
    if (hasLostMark(record, 'server-group', { id: found.serverGroupId, tags: found.tags }, context.mark()))
      return markLost('server group', found.serverGroupId, context.mark());
    if (!hasMark(found.tags, context.mark())) return gone();
    if (found.status === 'Available' || found.status === 'Creating')
      await context.change('delete', { id: found.serverGroupId }, (clientToken) =>
        alb.deleteServerGroup(found.serverGroupId, clientToken),
      );
    return wait('the server group is being deleted');
  },
});

const fixedDifferences = (found: ServerGroup, { serverGroup: wanted }: Spec, vpcId: string): string[] => [
  ...(found.ipv6Enabled ? [] : ['has IPv6 off']),
  ...(found.protocol === wanted.protocol ? [] : [`speaks ${found.protocol}, not ${wanted.protocol}`]),
  ...(found.vpcId === vpcId ? [] : [`is of VPC ${found.vpcId}, not ${vpcId}`]),
];

/** Connection draining and slow start come with an upgrade, which `load-balancer` may not have asked for yet. @returns what it waits for. */
async function basicLoadBalancer(
  { alb }: StageContext<'server-group'>,
  { relatedLoadBalancerIds: [id] }: ServerGroup,
  { connectionDrain, slowStart }: ServerGroupChange,
): Promise<string | undefined> {
  if (id === undefined || (connectionDrain?.isEnabled !== true && slowStart?.isEnabled !== true)) return undefined;
  const user = await alb.findLoadBalancer(id);
  return user?.edition === 'Basic' ? `load balancer ${id} is still of edition Basic` : undefined;
}
