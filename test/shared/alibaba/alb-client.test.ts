import { describe, expect, it } from 'vitest';
import { createAlbClient } from '../../../shared/alibaba/alb-client.ts';
import type { NewServerGroup } from '../../../shared/alibaba/alb/server-groups.ts';
import { startCloud } from './cloud.ts';
import { json, rawServer } from './raw-server.ts';

const tags = { a: '1' };

const healthCheck = {
  isEnabled: true,
  protocol: 'HTTP',
  path: '/',
  method: 'HEAD',
  codes: ['http_2xx', 'http_3xx'],
  connectPort: 0,
  intervalSeconds: 2,
  timeoutSeconds: 5,
  healthyThreshold: 3,
  unhealthyThreshold: 3,
} as const satisfies NewServerGroup['healthCheck'] | { codes: readonly string[] };

async function withNetwork() {
  const cloud = await startCloud();
  const network = await cloud.network();
  const newLoadBalancer = {
    name: 'front',
    vpcId: network.vpcId,
    addressType: 'Internet' as const,
    edition: 'Standard' as const,
    zones: [
      { zoneId: 'cn-shanghai-e', vSwitchId: network.vSwitchE },
      { zoneId: 'cn-shanghai-g', vSwitchId: network.vSwitchG },
    ],
    tags,
  };
  await cloud.vpc.createIpv6Gateway({ vpcId: network.vpcId, name: 'gw', tags, clientToken: cloud.token() });
  cloud.pass();
  return {
    ...cloud,
    ...network,
    newLoadBalancer,
    loadBalancer: async () => {
      const id = await cloud.alb.createLoadBalancer({ ...newLoadBalancer, clientToken: cloud.token() });
      cloud.pass();
      return id;
    },
    serverGroup: async (changes: Partial<NewServerGroup> = {}) => {
      const id = await cloud.alb.createServerGroup({
        name: 'backends',
        vpcId: network.vpcId,
        protocol: 'HTTP',
        scheduler: 'Wrr',
        ipv6Enabled: true,
        healthCheck: { ...healthCheck, codes: [...healthCheck.codes] },
        stickySession: { isEnabled: false },
        tags,
        clientToken: cloud.token(),
        ...changes,
      });
      cloud.pass();
      return id;
    },
  };
}

describe('load balancers', () => {
  it('are sold in zones', async () => {
    const { alb } = await startCloud();
    expect(await alb.listZoneIds()).toContain('cn-shanghai-g');
  });

  it('P-018 P-064: are created dual-stack with the addresses of both zones', async () => {
    const { alb, loadBalancer, vpcId, vSwitchE } = await withNetwork();
    const id = await loadBalancer();
    const found = await alb.findLoadBalancer(id);
    expect(found).toMatchObject({
      loadBalancerId: id,
      name: 'front',
      status: 'Active',
      businessStatus: 'Normal',
      addressType: 'Internet',
      addressIpVersion: 'DualStack',
      ipv6AddressType: 'Intranet',
      dnsName: expect.stringMatching(/\.alb\./) as string,
      edition: 'Standard',
      deletionProtection: false,
      vpcId,
      tags,
    });
    expect(found?.zones).toHaveLength(2);
    expect(found?.zones[0]).toMatchObject({
      zoneId: 'cn-shanghai-e',
      vSwitchId: vSwitchE,
      ipv4Address: expect.stringMatching(/^\d+\./) as string,
      ipv6Address: expect.stringContaining(':') as string,
    });
  });

  it('P-061: answer a passed dry run with an empty id', async () => {
    const { alb, newLoadBalancer } = await withNetwork();
    expect(await alb.createLoadBalancer({ ...newLoadBalancer, clientToken: 't', dryRun: true })).toBe('');
    expect(await alb.countLoadBalancers()).toBe(0);
  });

  it('that do not exist are undefined', async () => {
    const { alb } = await startCloud();
    expect(await alb.findLoadBalancer('alb-none')).toBeUndefined();
  });

  it('are listed by tag', async () => {
    const { alb, loadBalancer } = await withNetwork();
    const id = await loadBalancer();
    expect((await alb.listLoadBalancers({ tags })).map((each) => each.loadBalancerId)).toEqual([id]);
    expect(await alb.listLoadBalancers({ tags: { a: '2' } })).toEqual([]);
    expect(await alb.countLoadBalancers()).toBe(1);
  });

  it.each([
    ['Ipv4', 'IPv4'],
    ['IPv4', 'IPv4'],
    ['DualStack', 'DualStack'],
    ['dualstack', 'DualStack'],
  ])('answered with %s have the IP version %s', async (AddressIpVersion, expected) => {
    const { settings } = await rawServer(json(200, { LoadBalancerId: 'alb-1', AddressIpVersion }));
    expect((await createAlbClient(settings).findLoadBalancer('alb-1'))?.addressIpVersion).toBe(expected);
  });

  it('P-062: say why their creation failed', async () => {
    const { alb, states, loadBalancer } = await withNetwork();
    states.alb.createFailed.add('front');
    const id = await loadBalancer();
    expect((await alb.findLoadBalancer(id))?.status).toBe('CreateFailed');
    expect(await alb.failureReason(id)).toMatch(/^\S+: \S/);
  });

  it('that were created have no failure reason', async () => {
    const { alb, loadBalancer } = await withNetwork();
    expect(await alb.failureReason(await loadBalancer())).toBeUndefined();
  });

  it('P-063: take their IPv6 addresses to the Internet and back, where the wanted state counts as done', async () => {
    const { alb, loadBalancer, pass, token } = await withNetwork();
    const id = await loadBalancer();
    await alb.enableIpv6Internet(id, token());
    pass();
    await alb.enableIpv6Internet(id, token());
    expect((await alb.findLoadBalancer(id))?.ipv6AddressType).toBe('Internet');
    await alb.disableIpv6Internet(id, token());
    pass();
    await alb.disableIpv6Internet(id, token());
    expect((await alb.findLoadBalancer(id))?.ipv6AddressType).toBe('Intranet');
  });

  it('P-065: are protected and then deleted', async () => {
    const { alb, loadBalancer, pass, token } = await withNetwork();
    const id = await loadBalancer();
    await alb.setDeletionProtection(id, true, token());
    pass();
    expect((await alb.findLoadBalancer(id))?.deletionProtection).toBe(true);
    await expect(alb.deleteLoadBalancer(id, token())).rejects.toMatchObject({
      code: 'OperationDenied.DeletionProtectionEnabled',
    });
    await alb.setDeletionProtection(id, false, token());
    pass();
    await alb.deleteLoadBalancer(id, token());
    pass();
    expect(await alb.findLoadBalancer(id)).toBeUndefined();
    await alb.deleteLoadBalancer(id, token());
  });
});

describe('server groups', () => {
  it('are read as they were created', async () => {
    const { alb, serverGroup, vpcId } = await withNetwork();
    const id = await serverGroup({ stickySession: { isEnabled: true, type: 'Insert', cookieTimeoutSeconds: 900 } });
    expect(await alb.findServerGroup(id)).toMatchObject({
      serverGroupId: id,
      name: 'backends',
      status: 'Available',
      vpcId,
      protocol: 'HTTP',
      scheduler: 'Wrr',
      ipv6Enabled: true,
      healthCheck,
      stickySession: { isEnabled: true, type: 'Insert', cookieTimeoutSeconds: 900 },
      serverCount: 0,
      relatedLoadBalancerIds: [],
      tags,
    });
    expect((await alb.listServerGroups({ tags })).map((each) => each.serverGroupId)).toEqual([id]);
  });

  it('are changed', async () => {
    const { alb, serverGroup, pass, token } = await withNetwork();
    const id = await serverGroup();
    await alb.updateServerGroup(
      id,
      { scheduler: 'Wlc', healthCheck: { ...healthCheck, codes: ['http_2xx'], path: '/ok' } },
      token(),
    );
    pass();
    expect(await alb.findServerGroup(id)).toMatchObject({
      name: 'backends',
      scheduler: 'Wlc',
      healthCheck: { path: '/ok', codes: ['http_2xx'] },
    });
  });

  it('that do not exist are undefined, and count as deleted', async () => {
    const { alb } = await startCloud();
    expect(await alb.findServerGroup('sgp-none')).toBeUndefined();
    expect(await alb.listServers('sgp-none')).toBeUndefined();
    await alb.deleteServerGroup('sgp-none', 't');
  });
});

async function withServers() {
  const cloud = await withNetwork();
  const securityGroupId = await cloud.securityGroup(cloud.vpcId);
  const serverGroupId = await cloud.serverGroup();
  const servers = [];
  for (const vSwitchId of [cloud.vSwitchE, cloud.vSwitchG]) {
    const [instanceId = ''] = await cloud.ecs.runInstances(cloud.newInstance(vSwitchId, securityGroupId));
    cloud.pass();
    const [instance] = await cloud.ecs.listInstances({ instanceIds: [instanceId] });
    const serverIp = vSwitchId === cloud.vSwitchE ? instance?.privateIpAddress : instance?.ipv6Addresses[0];
    servers.push({ serverId: instanceId, serverIp: serverIp ?? '', port: 80, weight: 100, description: 'ours' });
  }
  return { ...cloud, serverGroupId, servers };
}

describe('backend servers', () => {
  it('are added by either address family', async () => {
    const { alb, serverGroupId, servers, pass } = await withServers();
    await alb.addServers(serverGroupId, servers, 't');
    pass();
    expect(await alb.listServers(serverGroupId)).toEqual(servers.map((server) => ({ ...server, status: 'Available' })));
  });

  it('that are in the group already do not keep others out', async () => {
    const { alb, serverGroupId, servers, pass } = await withServers();
    await alb.addServers(serverGroupId, servers.slice(0, 1), 't1');
    pass();
    await alb.addServers(serverGroupId, servers, 't2');
    pass();
    expect(await alb.listServers(serverGroupId)).toHaveLength(2);
    await alb.addServers(serverGroupId, servers, 't3');
  });

  it('P-075: change their weight', async () => {
    const { alb, serverGroupId, servers, pass } = await withServers();
    await alb.addServers(serverGroupId, servers, 't1');
    pass();
    await alb.updateServers(
      serverGroupId,
      servers.map((server) => ({ ...server, weight: 10 })),
      't2',
    );
    pass();
    expect((await alb.listServers(serverGroupId))?.map((server) => server.weight)).toEqual([10, 10]);
  });

  it('P-075: are changed at most 40 a call, each call with its own token', async () => {
    const { settings, calls } = await rawServer(json(200, { RequestId: 'r' }));
    const servers = Array.from({ length: 90 }, (_, index) => ({
      serverId: `i-${index}`,
      serverIp: '10.0.0.1',
      port: 80,
      weight: 1,
    }));
    await createAlbClient(settings).updateServers('sgp', servers, 't');
    expect(calls.map((call) => Object.keys(call.form).filter((key) => key.endsWith('.ServerId')).length)).toEqual([
      40, 40, 10,
    ]);
    expect(new Set(calls.map((call) => call.query['ClientToken'])).size).toBe(3);
  });

  it('that are gone already do not keep others in', async () => {
    const { alb, serverGroupId, servers, pass } = await withServers();
    await alb.addServers(serverGroupId, servers, 't1');
    pass();
    await alb.removeServers(serverGroupId, servers.slice(0, 1), 't2');
    pass();
    await alb.removeServers(serverGroupId, servers, 't3');
    pass();
    expect(await alb.listServers(serverGroupId)).toEqual([]);
    await alb.removeServers(serverGroupId, servers, 't4');
  });

  it('of a group that is gone count as removed', async () => {
    const { alb } = await startCloud();
    await alb.removeServers('sgp-none', [{ serverId: 'i', serverIp: '10.0.0.1', port: 80 }], 't');
  });

  it('are the same in any spelling of their IPv6 address', async () => {
    const { settings, calls } = await rawServer(
      json(400, { RequestId: 'r', Code: 'Conflict.BackendServer', Message: 'there' }),
      json(200, { Servers: [{ ServerId: 'i', ServerIp: '2408:4002:0:1::a', Port: 80 }] }),
    );
    await createAlbClient(settings).addServers(
      'sgp',
      [{ serverId: 'i', serverIp: '2408:4002:0:1:0:0:0:A', port: 80, weight: 100 }],
      't',
    );
    expect(calls).toHaveLength(2);
  });
});

async function withListener() {
  const cloud = await withServers();
  const loadBalancerId = await cloud.loadBalancer();
  const listenerId = await cloud.alb.createListener({
    loadBalancerId,
    protocol: 'HTTP',
    port: 80,
    serverGroupId: cloud.serverGroupId,
    description: 'front-door',
    idleTimeoutSeconds: 20,
    tags,
    clientToken: cloud.token(),
  });
  cloud.pass();
  return { ...cloud, loadBalancerId, listenerId };
}

describe('listeners', () => {
  it('are found by port', async () => {
    const { alb, loadBalancerId, listenerId, serverGroupId } = await withListener();
    const listener = {
      listenerId,
      loadBalancerId,
      protocol: 'HTTP',
      port: 80,
      status: 'Running',
      description: 'front-door',
      serverGroupIds: [serverGroupId],
      requestTimeoutSeconds: 60,
      idleTimeoutSeconds: 20,
      securityPolicyId: '',
      certificateIds: [],
      tags,
    };
    expect(await alb.findListener({ loadBalancerId, port: 80 })).toEqual(listener);
    expect(await alb.getListener(listenerId)).toEqual(listener);
    expect(await alb.findListener({ loadBalancerId, port: 80, protocol: 'HTTPS' })).toBeUndefined();
    expect(await alb.findListener({ loadBalancerId, port: 81 })).toBeUndefined();
    expect(await alb.listListeners({ tags })).toEqual([listener]);
  });

  it('P-083: say that their port is taken', async () => {
    const { alb, loadBalancerId, serverGroupId } = await withListener();
    const again = {
      loadBalancerId,
      protocol: 'HTTP',
      port: 80,
      serverGroupId,
      description: 'other',
      tags,
      clientToken: 'again',
    } as const;
    await expect(alb.createListener(again)).rejects.toMatchObject({ code: 'ResourceAlreadyExist.Listener' });
  });

  it('are changed', async () => {
    const { alb, listenerId, pass, token } = await withListener();
    await alb.updateListener(listenerId, { description: 'back-door', requestTimeoutSeconds: 30 }, token());
    pass();
    expect(await alb.getListener(listenerId)).toMatchObject({
      description: 'back-door',
      requestTimeoutSeconds: 30,
      idleTimeoutSeconds: 20,
      status: 'Running',
    });
  });

  it('are started once they have been stopped', async () => {
    const { alb, states, listenerId, pass, token } = await withListener();
    const found = states.alb.listener(listenerId);
    found.status = { during: 'Stopped', after: 'Stopped', atMs: 0 };
    await alb.startListener(listenerId, token());
    expect((await alb.getListener(listenerId))?.status).toBe('Configuring');
    pass();
    expect((await alb.getListener(listenerId))?.status).toBe('Running');
  });

  it('P-082: take their certificate at creation', async () => {
    const { alb, loadBalancerId, serverGroupId, pass, token } = await withListener();
    const listenerId = await alb.createListener({
      loadBalancerId,
      protocol: 'HTTPS',
      port: 443,
      serverGroupId,
      description: 'front-door',
      certificateId: '1-cn-hangzhou',
      securityPolicyId: 'tls_cipher_policy_1_2',
      tags,
      clientToken: token(),
    });
    pass();
    expect(await alb.getListener(listenerId)).toMatchObject({
      protocol: 'HTTPS',
      certificateIds: ['1-cn-hangzhou'],
      securityPolicyId: 'tls_cipher_policy_1_2',
    });
  });

  it('P-082: take more certificates afterwards', async () => {
    const { settings, calls } = await rawServer(json(200, { RequestId: 'r', JobId: 'j' }));
    await createAlbClient(settings).associateCertificates('lsn', ['2-cn-hangzhou', '3-cn-hangzhou'], 't');
    expect(calls[0]?.query).toEqual({
      ListenerId: 'lsn',
      'Certificates.1.CertificateId': '2-cn-hangzhou',
      'Certificates.2.CertificateId': '3-cn-hangzhou',
      ClientToken: 't',
    });
  });

  it('P-082: show their certificates, the default one and those beside it', async () => {
    const { alb, loadBalancerId, serverGroupId, pass, token } = await withListener();
    const listenerId = await alb.createListener({
      loadBalancerId,
      protocol: 'HTTPS',
      port: 443,
      serverGroupId,
      description: 'front-door',
      certificateId: '1-cn-hangzhou',
      tags,
      clientToken: token(),
    });
    pass();
    await alb.associateCertificates(listenerId, ['2-cn-hangzhou'], token());
    expect(await alb.listCertificates(listenerId)).toEqual([
      { certificateId: '1-cn-hangzhou', isDefault: true, status: 'Associated' },
      { certificateId: '2-cn-hangzhou', isDefault: false, status: 'Associating' },
    ]);
    expect(await alb.listCertificates('lsn-gone')).toEqual([]);
  });

  it('that are gone are undefined, and count as deleted', async () => {
    const { alb, listenerId, pass, token } = await withListener();
    await alb.deleteListener(listenerId, token());
    pass();
    expect(await alb.getListener(listenerId)).toBeUndefined();
    await alb.deleteListener(listenerId, token());
  });

  it('P-068: tell which servers are not healthy', async () => {
    const { alb, states, listenerId, serverGroupId, servers, pass, token } = await withListener();
    await alb.addServers(serverGroupId, servers, token());
    pass();
    states.alb.health = (_group, server) =>
      server.serverIp.includes(':') ? { status: 'Unhealthy', reasonCode: 'CONNECT_TIMEOUT' } : { status: 'Normal' };
    expect(await alb.getListenerHealth(listenerId)).toEqual([
      {
        serverGroupId,
        healthCheckEnabled: true,
        nonNormalServers: [
          {
            serverId: servers[1]?.serverId,
            serverIp: servers[1]?.serverIp,
            port: 80,
            status: 'Unhealthy',
            reasonCode: 'CONNECT_TIMEOUT',
            actualResponse: expect.any(String) as string,
          },
        ],
      },
    ]);
  });
});

describe('rules', () => {
  it('P-077: redirect to HTTPS', async () => {
    const { alb, listenerId, loadBalancerId, pass, token } = await withListener();
    const ruleId = await alb.createRedirectRule({
      listenerId,
      name: 'to-https',
      priority: 1,
      tags,
      clientToken: token(),
    });
    pass();
    expect(await alb.listRules(listenerId)).toEqual([
      {
        ruleId,
        listenerId,
        loadBalancerId,
        name: 'to-https',
        priority: 1,
        status: 'Available',
        paths: ['/*'],
        isToHttps: true,
        redirect: {
          protocol: 'HTTPS',
          port: '443',
          host: '${host}',
          path: '${path}',
          query: '${query}',
          httpCode: '301',
        },
        tags,
      },
    ]);
  });

  it('P-079: say that their priority is taken', async () => {
    const { alb, listenerId, pass, token } = await withListener();
    const rule = { listenerId, name: 'to-https', priority: 1, tags };
    await alb.createRedirectRule({ ...rule, clientToken: token() });
    pass();
    await expect(alb.createRedirectRule({ ...rule, clientToken: token() })).rejects.toMatchObject({
      code: 'Conflict.Priority',
    });
  });

  it('that are gone count as deleted', async () => {
    const { alb } = await startCloud();
    await alb.deleteRule('rule-none', 't');
  });

  it('of a listener that is gone are none', async () => {
    const { alb } = await startCloud();
    expect(await alb.listRules('lsn-none')).toEqual([]);
  });
});
