import { albService } from '../../../local/alb/index.ts';
import { AlbState } from '../../../local/alb/state.ts';
import { dnsService } from '../../../local/alidns/index.ts';
import { ecsService } from '../../../local/ecs/index.ts';
import { vpcService } from '../../../local/vpc/index.ts';
import { createAlbClient } from '../../../shared/alibaba/alb-client.ts';
import type { CloudSettings } from '../../../shared/alibaba/call.ts';
import { Budget } from '../../../shared/budget.ts';
import { createDnsClient } from '../../../shared/alibaba/dns-client.ts';
import { createEcsClient } from '../../../shared/alibaba/ecs-client.ts';
import type { NewInstance } from '../../../shared/alibaba/ecs/instances.ts';
import { createVpcClient } from '../../../shared/alibaba/vpc-client.ts';
import { testContext } from '../../support/cloud-context.ts';
import { testEdge } from '../../support/edge.ts';

/** Time after which anything that was begun is through; many of them stay within the 15 minutes of a signature. */
const longMs = 5000;

/** VPC, ECS, ALB and AliDNS of the embedded cloud behind one socket, and the five clients for it. */
export async function startCloud() {
  const context = testContext('short');
  const vpcs = vpcService(context);
  const ecs = ecsService(context, vpcs.state);
  const albState = new AlbState(context, vpcs.state, ecs.state, {
    hasServiceLinkedRole: () => true,
    hasCertificate: () => true,
  });
  const dns = dnsService(context);
  dns.state.addDomain('example.com', {});
  const { edge, url, calls } = await testEdge(context, [vpcs, ecs, albService(albState), dns]);
  const settings: CloudSettings = {
    regionId: context.regionId,
    endpoint: url,
    credentials: {
      accessKeyId: context.credentials.root.accessKeyId,
      accessKeySecret: context.credentials.root.accessKeySecret,
    },
    readTimeoutMs: 5000,
    connectTimeoutMs: 2000,
    budget: Budget.unlimited(),
  };
  const vpc = createVpcClient(settings);
  const ecsClient = createEcsClient(settings);
  const pass = () => context.clock.advance(longMs);
  let tokens = 0;
  const token = () => `token-${(tokens += 1)}`;

  /** An Available VPC with a vSwitch in zones e and g. */
  const network = async () => {
    const vpcId = await vpc.createVpc({
      name: 'net',
      cidrBlock: '10.0.0.0/16',
      tags: { a: '1' },
      clientToken: token(),
    });
    pass();
    const vSwitchIds: string[] = [];
    for (const [index, zone] of ['e', 'g'].entries()) {
      vSwitchIds.push(
        await vpc.createVSwitch({
          vpcId,
          zoneId: `cn-shanghai-${zone}`,
          cidrBlock: `10.0.${index}.0/24`,
          ipv6SubnetIndex: index,
          name: `net-${zone}`,
          tags: { a: '1' },
          clientToken: token(),
        }),
      );
      pass();
    }
    const [vSwitchE = '', vSwitchG = ''] = vSwitchIds;
    return { vpcId, vSwitchE, vSwitchG };
  };

  const securityGroup = async (vpcId: string) => {
    const id = await ecsClient.createSecurityGroup({ vpcId, name: 'web', tags: { a: '1' }, clientToken: token() });
    pass();
    return id;
  };

  const newInstance = (vSwitchId: string, securityGroupId: string): NewInstance => ({
    imageFamily: 'acs:alibaba_cloud_linux_3_2104_lts_x64',
    instanceType: 'ecs.g7.large',
    vSwitchId,
    securityGroupIds: [securityGroupId],
    name: 'ecs01',
    ipv6AddressCount: 1,
    userData: '#cloud-config\npackages: [nginx]\n',
    tags: { a: '1' },
    clientToken: token(),
  });

  return {
    context,
    edge,
    calls,
    settings,
    states: { vpc: vpcs.state, ecs: ecs.state, alb: albState, dns: dns.state },
    vpc,
    ecs: ecsClient,
    alb: createAlbClient(settings),
    dns: createDnsClient(settings),
    pass,
    token,
    network,
    securityGroup,
    newInstance,
    /** Wire names of the calls since `from`. */
    actions: (from = 0) => calls.slice(from).map((call) => call.action),
  };
}

export type TestCloud = Awaited<ReturnType<typeof startCloud>>;
