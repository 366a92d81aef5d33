import { isIPv6 } from 'node:net';
import type { ProbeTarget } from '../../shared/probe/target.ts';
import type { Clouds } from '../../shared/stage.ts';

/**
 * The instance that looks: the first, in the order of the request, that has an IPv6 address and whose Cloud Assistant answers.
 * Those that serve over IPv6 come first, since they are known to have one.
 */
export async function chooseInstance(ecs: Clouds['ecs'], servers: ProbeTarget['servers']): Promise<string | undefined> {
  const firstAnswering = async (ids: string[]): Promise<string | undefined> => {
    const ready = ids.length === 0 ? new Set() : await ecs.cloudAssistantReady(ids);
    return ids.find((id) => ready.has(id));
  };
  const ids = [...new Set(servers.map(({ serverId }) => serverId))];
  const serving = new Set(servers.flatMap(({ serverId, serverIp }) => (isIPv6(serverIp) ? [serverId] : [])));
  const chosen = await firstAnswering(ids.filter((id) => serving.has(id)));
  const others = ids.filter((id) => !serving.has(id));
  if (chosen !== undefined || others.length === 0) return chosen;
  const found = await ecs.listInstances({ instanceIds: others });
  const able = new Set(
    found.flatMap(({ instanceId, ipv6Addresses }) => (ipv6Addresses.length > 0 ? [instanceId] : [])),
  );
  return await firstAnswering(others.filter((id) => able.has(id)));
}
