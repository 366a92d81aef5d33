import { ApiError } from './action.ts';
import type { EmbeddedCloud } from './cloud.ts';
import { settled } from './lifecycle.ts';

/** A network with running servers that stands there already, with the ids of the request that adopts it. */
export interface ExistingSeed {
  vpcId: string;
  cidrBlock?: string;
  /** In this order, each with the given id. */
  vSwitches: { vSwitchId: string; zoneId: string }[];
  /** Each serves `page` by nginx on `port`; put into the vSwitches in turn. */
  instances?: { instanceId: string; name: string; ipv6: boolean; port?: number; page?: string }[];
}

/** Does nothing where the VPC exists. Everything is Available and Running at once. */
export function seedExisting(cloud: EmbeddedCloud, seed: ExistingSeed): object {
  const { vpc: state, ecs, context } = cloud;
  if (typeof seed.vpcId !== 'string' || !Array.isArray(seed.vSwitches))
    throw new ApiError('InvalidSeed', 400, 'vpcId and vSwitches are needed');
  if (state.vpcs.find(seed.vpcId) !== undefined) return { created: false };
  const kept = {
    createdAtMs: context.clock.nowMs() - 86_400_000,
    status: settled('Available'),
    tags: [],
    description: '',
  };
  const vpc = state.vpcs.add({
    ...kept,
    id: seed.vpcId,
    name: 'existing',
    cidrBlock: seed.cidrBlock ?? '10.0.0.0/8',
    ipv6CidrBlock: state.nextIpv6Block(),
    vRouterId: context.nextId('vrt-uf6'),
    routeTableId: context.nextId('vtb-uf6'),
  });
  const vSwitches = seed.vSwitches.map(({ vSwitchId, zoneId }, index) =>
    state.vSwitches.add({
      ...kept,
      id: vSwitchId,
      vpcId: vpc.id,
      zoneId,
      name: `existing-${index + 1}`,
      cidrBlock: `10.0.${index + 1}.0/24`,
      ipv6CidrBlock: state.ipv6Subnet(vpc, index + 1),
      addresses: new Map(),
    }),
  );
  state.ipv6Gateways.add({ ...kept, id: context.nextId('ipv6gw-uf6'), vpcId: vpc.id, name: 'existing' });
  if ((seed.instances ?? []).length === 0) return { created: true };

  const group = ecs.addSecurityGroup({
    vpcId: vpc.id,
    name: 'existing',
    description: '',
    type: 'normal',
    serviceManaged: false,
    tags: [],
  });
  const ports = new Set((seed.instances ?? []).map(({ port }) => port ?? 80));
  for (const port of ports)
    for (const source of [
      { sourceCidrIp: '10.0.0.0/8', ipv6SourceCidrIp: '' },
      { sourceCidrIp: '', ipv6SourceCidrIp: vpc.ipv6CidrBlock },
    ])
      group.rules.push(existingRule(context.nextId('sgr-uf6'), port, source, kept.createdAtMs));
  for (const [index, wanted] of (seed.instances ?? []).entries()) {
    const vSwitch = vSwitches[index % vSwitches.length];
    if (vSwitch === undefined) break;
    const instance = ecs.launch({
      id: wanted.instanceId,
      vSwitch,
      zoneId: vSwitch.zoneId,
      instanceType: 'ecs.g6.large',
      imageId: '',
      imageFamily: 'acs:alibaba_cloud_linux_3_2104_lts_x64',
      name: wanted.name,
      hostName: '',
      description: '',
      securityGroupIds: [group.id],
      ipv6AddressCount: wanted.ipv6 ? 1 : 0,
      ipv6Addresses: [],
      userData: existingSite(wanted.name, wanted.port ?? 80, wanted.page ?? `Hello World ! this is ${wanted.name}.`),
      internetMaxBandwidthOut: 0,
      deletionProtection: false,
      tags: [],
    });
    if (instance === undefined) throw new ApiError('InvalidSeed', 400, `vSwitch ${vSwitch.id} has no free address`);
    instance.status = settled('Running');
    instance.startedAtMs = kept.createdAtMs;
  }
  return { created: true };
}

const existingRule = (
  id: string,
  port: number,
  source: { sourceCidrIp: string; ipv6SourceCidrIp: string },
  createdAtMs: number,
) => ({
  id,
  description: '',
  ipProtocol: 'TCP' as const,
  sourceGroupId: '',
  portRange: `${port}/${port}`,
  ...source,
  policy: 'Accept' as const,
  priority: 1,
  createdAtMs,
});

const existingSite = (name: string, port: number, page: string): string => `#cloud-config
packages: [nginx]
write_files:
  - path: /usr/share/nginx/html/index.html
    content: ${JSON.stringify(`${page}\n`)}
  - path: /etc/nginx/conf.d/site.conf
    content: ${JSON.stringify(`server {\n  listen ${port};\n  listen [::]:${port};\n  server_name ~.;\n  add_header X-Backend-Server ${name} always;\n}\n`)}
runcmd:
  - [systemctl, enable, --now, nginx]
`;
