import type { HealthCheck, ServerGroup, StickySession } from '../../shared/alibaba/alb/server-groups.ts';
import type { Spec } from '../../shared/deployment/spec.ts';
import { findOwn, secondLookMs } from '../../shared/find-own.ts';
import { hasMark } from '../../shared/marks.ts';
import { ensureMark, hasLostMark, markLost } from '../../shared/ownership.ts';
import { defineStage, done, fail, gone, wait } from '../../shared/stage.ts';
import { valueAt } from '../../shared/dictionary.ts';

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
        name: spec.serverGroup.name ?? spec.name,
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
    const change = driftOf(found, spec);
    if (change !== undefined) {
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

const settingsOf = ({ serverGroup }: Spec): { healthCheck: HealthCheck; stickySession: StickySession } => {
  const { healthCheck, stickySession } = serverGroup;
  return {
    healthCheck: {
      isEnabled: healthCheck.enabled,
      protocol: serverGroup.protocol,
      path: healthCheck.path,
      method: healthCheck.method,
      codes: healthCheck.codes,
      connectPort: 0,
      intervalSeconds: healthCheck.intervalSeconds,
      timeoutSeconds: healthCheck.timeoutSeconds,
      healthyThreshold: healthCheck.healthyThreshold,
      unhealthyThreshold: healthCheck.unhealthyThreshold,
    },
    stickySession: stickySession.enabled
      ? stickySession.type === 'Server'
        ? { isEnabled: true, type: 'Server', cookie: stickySession.cookie }
        : { isEnabled: true, type: 'Insert', cookieTimeoutSeconds: stickySession.cookieTimeoutSeconds }
      : { isEnabled: false },
  };
};

const fixedDifferences = (found: ServerGroup, { serverGroup: wanted }: Spec, vpcId: string): string[] => [
  ...(found.ipv6Enabled ? [] : ['has IPv6 off']),
  ...(found.protocol === wanted.protocol ? [] : [`speaks ${found.protocol}, not ${wanted.protocol}`]),
  ...(found.vpcId === vpcId ? [] : [`is of VPC ${found.vpcId}, not ${vpcId}`]),
];

/** Settings of the group that differ from the request and can be changed in place. */
function driftOf(
  found: ServerGroup,
  spec: Spec,
): { scheduler?: 'Wrr' | 'Wlc' | 'Sch'; healthCheck?: HealthCheck; stickySession?: StickySession } | undefined {
  const wanted = settingsOf(spec);
  const change = {
    ...(found.scheduler === spec.serverGroup.scheduler ? {} : { scheduler: spec.serverGroup.scheduler }),
    ...(differs(found.healthCheck, wanted.healthCheck, wanted.healthCheck.isEnabled)
      ? { healthCheck: wanted.healthCheck }
      : {}),
    ...(differs(found.stickySession, wanted.stickySession, wanted.stickySession.isEnabled)
      ? { stickySession: wanted.stickySession }
      : {}),
  };
  return Object.keys(change).length === 0 ? undefined : change;
}

/** Fields of something that is off do not count. */
function differs<T extends { isEnabled: boolean }>(found: T, wanted: T, isOn: boolean): boolean {
  if (found.isEnabled !== wanted.isEnabled) return true;
  if (!isOn) return false;
  return Object.entries(wanted).some(
    ([key, value]) => value !== undefined && JSON.stringify(valueAt(found, key)) !== JSON.stringify(value),
  );
}
