import type {
  HealthCheck,
  ServerGroup,
  ServerGroupChange,
  StickySession,
} from '../../shared/alibaba/alb/server-groups.ts';
import type { Spec } from '../../shared/deployment/spec.ts';
import { findOwn, secondLookMs } from '../../shared/find-own.ts';
import { valueAt } from '../../shared/dictionary.ts';
import { hasMark } from '../../shared/marks.ts';
import { ensureMark, hasLostMark, markLost } from '../../shared/ownership.ts';
import { defineStage, done, fail, gone, type StageContext, wait } from '../../shared/stage.ts';

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
    const change = driftOf(context, found);
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

/** Settings of the group that differ from what is to stand and can be changed in place. */
function driftOf(context: StageContext<'server-group'>, found: ServerGroup): ServerGroupChange | undefined {
  const { spec } = context;
  const scheduler = context.choose('serverGroup.scheduler', found.scheduler, spec.serverGroup.scheduler);
  const healthCheck = chooseHealthCheck(context, found.healthCheck, settingsOf(spec).healthCheck);
  const stickySession = chooseStickySession(context, found.stickySession, settingsOf(spec).stickySession);
  const change = {
    ...(found.scheduler === scheduler ? {} : { scheduler: scheduler as ServerGroupChange['scheduler'] }),
    ...(differs(found.healthCheck, healthCheck) ? { healthCheck } : {}),
    ...(differs(found.stickySession, stickySession) ? { stickySession } : {}),
  };
  return Object.keys(change).length === 0 ? undefined : change;
}

function chooseHealthCheck(
  { choose }: StageContext<'server-group'>,
  found: HealthCheck,
  wanted: HealthCheck,
): HealthCheck {
  const pick = <K extends keyof HealthCheck>(key: K, field: string = key): HealthCheck[K] =>
    choose(`serverGroup.healthCheck.${field}`, found[key], wanted[key]);
  const isEnabled = pick('isEnabled', 'enabled');
  // Settings of what is off say nothing.
  if (!found.isEnabled || !isEnabled) return { ...wanted, isEnabled };
  return {
    ...wanted,
    isEnabled,
    path: pick('path'),
    method: pick('method'),
    codes: pick('codes'),
    intervalSeconds: pick('intervalSeconds'),
    timeoutSeconds: pick('timeoutSeconds'),
    healthyThreshold: pick('healthyThreshold'),
    unhealthyThreshold: pick('unhealthyThreshold'),
  };
}

function chooseStickySession(
  { choose }: StageContext<'server-group'>,
  found: StickySession,
  wanted: StickySession,
): StickySession {
  const pick = <K extends keyof StickySession>(key: K, field: string = key): StickySession[K] =>
    choose(`serverGroup.stickySession.${field}`, found[key], wanted[key]);
  const isEnabled = pick('isEnabled', 'enabled');
  if (!isEnabled) return { isEnabled };
  if (!found.isEnabled) return wanted;
  // What was turned on by hand keeps the settings that it was given with: the request has none.
  const type = pick('type');
  return type === 'Server'
    ? { isEnabled, type, cookie: pick('cookie') }
    : { isEnabled, type, cookieTimeoutSeconds: pick('cookieTimeoutSeconds') };
}

/** Fields of something that is off do not count. */
function differs<T extends { isEnabled: boolean }>(found: T, wanted: T): boolean {
  if (found.isEnabled !== wanted.isEnabled) return true;
  if (!wanted.isEnabled) return false;
  return Object.entries(wanted).some(
    ([key, value]) => value !== undefined && JSON.stringify(valueAt(found, key)) !== JSON.stringify(value),
  );
}
