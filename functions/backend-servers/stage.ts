import type { BackendServer, ServerKey } from '../../shared/alibaba/alb/servers.ts';
import { normalAddress } from '../../shared/net/cidr.ts';
import { defineStage, done, fail, gone, wait } from '../../shared/stage.ts';
import { clearDismissed } from './dismissed.ts';

/** ECS01 by its IPv4 address, ECS02 by its IPv6 address: the entries of the server group. */
export const backendServers = defineStage({
  name: 'backend-servers',
  longestWaitMs: 5 * 60_000,

  async apply(context) {
    const { alb, outputs } = context;
    const { serverGroupId } = outputs['server-group'];
    const listed = await alb.listServers(serverGroupId);
    if (listed === undefined)
      return fail('backend-servers.group-gone', `server group ${serverGroupId} does not exist any more`, {
        remedy: 'Apply the deployment again: it makes a new one.',
      });
    const wanted = outputs.instances.instances.map(({ instanceId, address, port, weight }) => ({
      serverId: instanceId,
      serverIp: address,
      port,
      weight,
      description: context.markText,
    }));
    const servers = wanted.map(({ serverId, serverIp, port }) => ({ serverId, serverIp, port }));
    const resources = wanted.map((server) => ({
      type: 'BackendServer',
      id: keyOf(server),
      created: isOurs(listed, server, context.markText),
    }));
    const missing = wanted.filter((server) => !listed.some((found) => keyOf(found) === keyOf(server)));
    if (missing.length > 0) {
      await context.change('add', missing, (clientToken) => alb.addServers(serverGroupId, missing, clientToken));
      return wait('the servers are being added', {
        own: { servers },
        resources: resources.map((resource) => ({ ...resource, created: true })),
      });
    }
    const stale = listed.filter(
      (found) => found.description === context.markText && !wanted.some((server) => keyOf(server) === keyOf(found)),
    );
    if (stale.length > 0 && stale.every(({ status }) => status === 'Available')) {
      await context.change('remove-stale', stale.map(keyOf), (clientToken) =>
        alb.removeServers(serverGroupId, stale, clientToken),
      );
      return wait('servers that are not in the request are being removed', { own: { servers }, resources });
    }
    const busy = listed.filter(({ status }) => status !== 'Available');
    if (busy.length > 0)
      return wait(busy.map((server) => `${server.serverIp} is ${server.status}`).join('; '), {
        own: { servers },
        resources,
      });
    const reweighed = wanted.filter(
      (server) => listed.find((found) => keyOf(found) === keyOf(server))?.weight !== server.weight,
    );
    if (reweighed.length > 0) {
      await context.change('reweigh', reweighed, (clientToken) =>
        alb.updateServers(serverGroupId, reweighed, clientToken),
      );
      return wait('weights are being changed', { own: { servers }, resources });
    }
    const leftOver = await clearDismissed(context);
    if (leftOver !== undefined) return wait(leftOver, { own: { servers }, resources });
    return done({ servers }, resources);
  },

  async release(context) {
    const { alb, own, record } = context;
    const { serverGroupId } = record.stages['server-group'].outputs as { serverGroupId?: string };
    const listed = serverGroupId === undefined ? undefined : await alb.listServers(serverGroupId);
    if (serverGroupId === undefined || listed === undefined) return gone();
    const ours = new Set((own.servers ?? []).map(keyOf));
    const left = listed.filter((server) => server.description === context.markText || ours.has(keyOf(server)));
    if (left.length === 0) return gone();
    // A released instance would stay in the group for ever (P-072), so servers leave first.
    const removable = left.filter(({ status }) => status !== 'Removing');
    if (removable.length > 0)
      await context.change('remove', removable.map(keyOf), (clientToken) =>
        alb.removeServers(serverGroupId, removable, clientToken),
      );
    return wait(`${left.length} servers are being removed`);
  },
});

const keyOf = ({ serverId, serverIp, port }: ServerKey): string => `${serverId} ${normalAddress(serverIp)} ${port}`;

const isOurs = (listed: BackendServer[], server: ServerKey, markText: string): boolean =>
  listed.some((found) => keyOf(found) === keyOf(server) && found.description === markText);
