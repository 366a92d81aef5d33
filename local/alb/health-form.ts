import type { AlbState, BackendServer, ServerGroup, ServerHealth } from './state.ts';

/** A weight of 0 and checks that are off come before what the checks saw (SDK-ALB; P-070). */
function healthOf(state: AlbState, group: ServerGroup, server: BackendServer): ServerHealth {
  if (!group.healthCheck.enabled) return { status: 'Unavailable' };
  if (server.weight === 0) return { status: 'Unused' };
  return state.health(group, server);
}

function serverForm(server: BackendServer, health: ServerHealth): object {
  const isMismatch = health.reasonCode === 'RESPONSE_MISMATCH';
  return {
    Port: server.port,
    ServerId: server.serverId,
    ServerIp: server.serverIp,
    Status: health.status,
    ...(health.reasonCode === undefined
      ? {}
      : {
          Reason: {
            ReasonCode: health.reasonCode,
            ActualResponse: isMismatch ? (health.actualResponse ?? '') : '',
            ExpectedResponse: isMismatch ? (health.expectedResponse ?? '') : '',
          },
        }),
  };
}

/** Only servers that are not Normal are listed: a healthy one is absent (P-068). Those on their way out are left out. */
export function healthForms(state: AlbState, serverGroupIds: string[]): object[] {
  return serverGroupIds
    .map((id) => state.serverGroups.find(id))
    .filter((group) => group !== undefined)
    .map((group) => ({
      ActionType: 'ForwardGroup',
      HealthCheckEnabled: group.healthCheck.enabled ? 'on' : 'off',
      ServerGroupId: group.id,
      NonNormalServers: group.servers
        .filter((server) => state.serverStatus(server) !== 'Removing')
        .map((server) => ({ server, health: healthOf(state, group, server) }))
        .filter(({ health }) => health.status !== 'Normal')
        .map(({ server, health }) => serverForm(server, health)),
    }));
}
