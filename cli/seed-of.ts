interface AdoptingEvent {
  network?: { vpcId?: string; vSwitchIds?: string[] };
  backends?: { name?: string; family?: string; instanceId?: string; port?: number }[];
}

export interface Seed {
  vpcId: string;
  vSwitches: { vSwitchId: string; zoneId: string }[];
  instances: { instanceId: string; name: string; ipv6: boolean; port?: number; page: string }[];
}

const zones = [
  'cn-shanghai-e',
  'cn-shanghai-g',
  'cn-shanghai-f',
  'cn-shanghai-b',
  'cn-shanghai-l',
  'cn-shanghai-m',
  'cn-shanghai-n',
  'cn-shanghai-c',
  'cn-shanghai-d',
];

/** The network that a request adopts, to be brought into being on the embedded cloud; undefined when it makes its own. */
export function seedOf(event: unknown): Seed | undefined {
  const { network, backends = [] } = (event ?? {}) as AdoptingEvent;
  if (network?.vpcId === undefined || !Array.isArray(network.vSwitchIds)) return undefined;
  return {
    vpcId: network.vpcId,
    vSwitches: network.vSwitchIds.map((vSwitchId, index) => ({
      vSwitchId,
      zoneId: zones[index % zones.length] as string,
    })),
    instances: backends.flatMap(({ name = 'server', family, instanceId, port }) =>
      instanceId === undefined
        ? []
        : [
            {
              instanceId,
              name,
              ipv6: family === 'ipv6',
              ...(port === undefined ? {} : { port }),
              page: `Hello World ! this is ${family === 'ipv6' ? 'ipv6' : 'ipv4'} rs.`,
            },
          ],
    ),
  };
}
