import { expect, it } from 'vitest';
import { createAlbClient } from '../../../shared/alibaba/alb-client.ts';
import { createEcsClient } from '../../../shared/alibaba/ecs-client.ts';
import { createVpcClient } from '../../../shared/alibaba/vpc-client.ts';
import { json, rawServer } from './raw-server.ts';

const answering = (body: object) => rawServer(json(200, { RequestId: 'r', ...body }));

/** What the service answers in other letters, zeros and cases is read in one spelling, in which everything else compares it. */
const reads: [what: string, read: () => Promise<unknown>, expected: unknown][] = [
  [
    'the addresses of a load balancer',
    async () => {
      const zone = { ZoneId: 'z', LoadBalancerAddresses: [{ Ipv6Address: '2408:4002:ABCD:0:0::1' }] };
      const { settings } = await answering({ LoadBalancerId: 'alb-1', ZoneMappings: [zone] });
      return (await createAlbClient(settings).findLoadBalancer('alb-1'))?.zones.map(({ ipv6Address }) => ipv6Address);
    },
    ['2408:4002:abcd::1'],
  ],
  [
    'the addresses of a server',
    async () => {
      const card = { Ipv6Sets: { Ipv6Set: [{ Ipv6Address: '2408:4002:ABCD:0000::01' }] } };
      const instance = { InstanceId: 'i-1', NetworkInterfaces: { NetworkInterface: [card] } };
      const { settings } = await answering({ Instances: { Instance: [instance] } });
      return (await createEcsClient(settings).listInstances({ instanceIds: ['i-1'] })).map(
        ({ ipv6Addresses }) => ipv6Addresses,
      );
    },
    [['2408:4002:abcd::1']],
  ],
  [
    'a rule',
    async () => {
      const permission = {
        IpProtocol: 'tcp',
        PortRange: '080/080',
        Ipv6SourceCidrIp: '2001:DB8:0:0::/64',
        Policy: 'Accept',
      };
      const { settings } = await answering({ Permissions: { Permission: [permission] } });
      const [rule] = (await createEcsClient(settings).getSecurityGroupRules('sg-1')) ?? [];
      return [rule?.protocol, rule?.portRange, rule?.sourceCidr, rule?.policy];
    },
    ['TCP', '80/80', '2001:db8::/64', 'accept'],
  ],
  [
    'the blocks of a vSwitch',
    async () => {
      const vSwitch = { VSwitchId: 'vsw-1', CidrBlock: '192.168.1.0/24', Ipv6CidrBlock: '2408:4002:ABCD:0100:0::/64' };
      const { settings } = await answering({ VSwitches: { VSwitch: [vSwitch] }, TotalCount: 1 });
      const found = await createVpcClient(settings).findVSwitch('vsw-1');
      return [found?.cidrBlock, found?.ipv6CidrBlock];
    },
    ['192.168.1.0/24', '2408:4002:abcd:100::/64'],
  ],
  [
    'a vSwitch without IPv6',
    async () => {
      const { settings } = await answering({ VSwitches: { VSwitch: [{ VSwitchId: 'vsw-1' }] }, TotalCount: 1 });
      return (await createVpcClient(settings).findVSwitch('vsw-1'))?.ipv6CidrBlock;
    },
    '',
  ],
];

it.each(reads)('%s comes in one spelling', async (_what, read, expected) => {
  expect(await read()).toEqual(expected);
});
