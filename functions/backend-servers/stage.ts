import type { ServerKey } from '../../shared/alibaba/alb/servers.ts';
import { normalAddress } from '../../shared/net/cidr.ts';
import { isRecordedAsCreated } from '../../shared/ownership.ts';
import { defineStage, done, fail, gone, type Mending, wait } from '../../shared/stage.ts';
import { dismissals } from './dismissed.ts';

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
    const find = (server: ServerKey) => listed.find((found) => keyOf(found) === keyOf(server));
    const wanted = outputs.instances.instances.map(({ name, instanceId, address, port, weight }) => {
      const server = { serverId: instanceId, serverIp: address, port };
      const present = find(server)?.weight ?? weight;
      const chosen = context.choose(`backends.${name}.weight`, present, weight);
      return { ...server, weight: chosen, description: context.markText };
    });
    const servers = wanted.map(({ serverId, serverIp, port }) => ({ serverId, serverIp, port }));
    const missing = wanted.filter((server) => find(server) === undefined);
    const isMade = (server: ServerKey) => isRecordedAsCreated(context.record, 'backend-servers', keyOf(server));
    const resources = wanted.map((server) => ({
      type: 'BackendServer',
      id: keyOf(server),
      created: missing.includes(server) || find(server)?.description === context.markText || isMade(server),
    }));
    const stale = listed.filter(
      (found) => found.description === context.markText && !wanted.some((server) => keyOf(server) === keyOf(found)),
    );
    const busy = listed.filter(({ status }) => status !== 'Available');
    const settled = busy.length > 0 ? [] : wanted.filter((server) => !missing.includes(server));
    const reweighed = settled.filter((server) => find(server)?.weight !== server.weight);
    const bare = settled.filter(
      (server) => !reweighed.includes(server) && find(server)?.description !== context.markText && isMade(server),
    );
    // One at a time: the server group is busy with each for a while.
    const mending = await context.mend([
      ...some(missing, 'add', 'the servers are being added', (group, token) =>
        alb.addServers(serverGroupId, group, token),
      ),
      ...some(
        stale.every(({ status }) => status === 'Available') ? stale : [],
        'remove-stale',
        'servers that are not in the request are being removed',
        (group, token) => alb.removeServers(serverGroupId, group, token),
      ),
      ...some(reweighed, 'reweigh', 'weights are being changed', (group, token) =>
        alb.updateServers(serverGroupId, group, token),
      ),
      ...some(bare, 'restore-marks', 'servers are getting our mark again', (group, token) =>
        alb.updateServers(serverGroupId, group, token),
      ),
      ...(busy.length > 0 ? [] : await dismissals(context)),
    ]);
    if (mending !== undefined) return wait(mending, { own: { servers }, resources });
    if (busy.length > 0)
      return wait(busy.map((server) => `${server.serverIp} is ${server.status}`).join('; '), {
        own: { servers },
        resources,
      });
    // Ports for what comes from a zone that the load balancer is leaving close after that.
    const { dismissedVSwitches = [] } = outputs.network;
    if (dismissedVSwitches.length > 0 && context.record.stages['load-balancer'].apply.state !== 'done')
      return wait('the load balancer is leaving a zone', { own: { servers }, resources });
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

/** A change of these servers, where there are any. */
const some = <T extends ServerKey>(
  servers: T[],
  purpose: string,
  reason: string,
  call: (servers: T[], clientToken: string) => Promise<void>,
): Mending[] =>
  servers.length === 0 ? [] : [{ purpose, params: servers, reason, call: (clientToken) => call(servers, clientToken) }];
