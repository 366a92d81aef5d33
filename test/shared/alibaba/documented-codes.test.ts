import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createAlbClient } from '../../../shared/alibaba/alb-client.ts';
import type { CloudSettings } from '../../../shared/alibaba/call.ts';
import { createDnsClient } from '../../../shared/alibaba/dns-client.ts';
import { createEcsClient } from '../../../shared/alibaba/ecs-client.ts';
import { classifyCode } from '../../../shared/alibaba/error-codes.ts';
import { createResourceManagerClient } from '../../../shared/alibaba/resource-manager-client.ts';
import { createVpcClient } from '../../../shared/alibaba/vpc-client.ts';
import { documentedActions, documentedPairs, services } from './documented/pairs.ts';
import { json, rawServer } from './raw-server.ts';

const pairs = documentedPairs();
const nameOf = ({ service, action, httpStatus, code }: (typeof pairs)[number]) =>
  `${service} ${action} ${httpStatus} ${code}`;

/** Wire names in the sources of the clients, by service. */
function calledActions(service: string): string[] {
  const folder = service === 'alidns' ? 'dns' : service;
  const files =
    service === 'resourcemanager'
      ? ['shared/alibaba/resource-manager-client.ts']
      : readdirSync(`shared/alibaba/${folder}`).map((name) => `shared/alibaba/${folder}/${name}`);
  return files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/(?:name: |send\()'([A-Z]\w+)'/g)].map(([, name = '']) => name),
  );
}

describe('the table of documented refusals', () => {
  it('holds what the vendor documents', () => {
    expect(pairs.length).toBeGreaterThan(1700);
  });

  it('has an entry for every action that we call', () => {
    for (const service of services) {
      const called = calledActions(service);
      expect(called, service).not.toEqual([]);
      const known = documentedActions(service);
      expect(called.filter((action) => !known.includes(action))).toEqual([]);
    }
  });

  it('has a verdict for every pair of action and code', () => {
    const verdicts = new Set(['wait', 'retry', 'permanent', 'gone', 'done']);
    expect(pairs.filter(({ verdict }) => !verdicts.has(verdict)).map(nameOf)).toEqual([]);
  });

  it.each(['wait', 'retry', 'permanent'])('gets the verdict %s from the product', (wanted) => {
    const other = pairs.filter((pair) => pair.verdict === wanted && classifyCode(pair).kind !== wanted);
    expect(other.map(nameOf)).toEqual([]);
  });

  it.each(['wait', 'retry'])('gets the verdict %s under every HTTP status', (wanted) => {
    const other = pairs.filter(
      ({ action, code, verdict }) =>
        verdict === wanted &&
        [400, 403, 404, 409, 429, 500].some((httpStatus) => classifyCode({ action, code, httpStatus }).kind !== wanted),
    );
    expect(other.map(nameOf)).toEqual([]);
  });
});

type Ask = (settings: CloudSettings) => Promise<unknown>;

/** How the clients make the calls for which a refusal is an answer. */
const asks: Record<string, Ask> = {
  DeleteVpc: (settings) => createVpcClient(settings).deleteVpc('vpc-1', 't'),
  DeleteVSwitch: (settings) => createVpcClient(settings).deleteVSwitch('vsw-1'),
  DescribeVSwitches: (settings) => createVpcClient(settings).findVSwitch('vsw-1'),
  'ModifyVSwitchAttribute OperationFailed.Ipv6AlreadyEnabled': (settings) =>
    createVpcClient(settings).enableVSwitchIpv6('vsw-1', 1),
  'ModifyVSwitchAttribute OperationFailed.IPv6Disabled': (settings) =>
    createVpcClient(settings).disableVSwitchIpv6('vsw-1'),
  DeleteSecurityGroup: (settings) => createEcsClient(settings).deleteSecurityGroup('sg-1'),
  ModifySecurityGroupRule: (settings) =>
    createEcsClient(settings).changeSecurityGroupRule('sg-1', 'sgr-1', { priority: 1 }, 't'),
  DescribeSecurityGroupAttribute: (settings) => createEcsClient(settings).getSecurityGroupRules('sg-1'),
  GetLoadBalancerAttribute: (settings) => createAlbClient(settings).findLoadBalancer('alb-1'),
  DeleteLoadBalancer: (settings) => createAlbClient(settings).deleteLoadBalancer('alb-1', 't'),
  EnableLoadBalancerIpv6Internet: (settings) => createAlbClient(settings).enableIpv6Internet('alb-1', 't'),
  DisableLoadBalancerIpv6Internet: (settings) => createAlbClient(settings).disableIpv6Internet('alb-1', 't'),
  UpdateLoadBalancerEdition: (settings) => createAlbClient(settings).upgrade('alb-1', 'Standard', 't'),
  UpdateLoadBalancerAddressTypeConfig: (settings) => createAlbClient(settings).setAddressType('alb-1', 'Internet', 't'),
  GetListenerAttribute: (settings) => createAlbClient(settings).getListener('lsn-1'),
  DeleteListener: (settings) => createAlbClient(settings).deleteListener('lsn-1', 't'),
  ListListenerCertificates: (settings) => createAlbClient(settings).listCertificates('lsn-1'),
  ListRules: (settings) => createAlbClient(settings).listRules('lsn-1'),
  DeleteRule: (settings) => createAlbClient(settings).deleteRule('rule-1', 't'),
  DeleteServerGroup: (settings) => createAlbClient(settings).deleteServerGroup('sgp-1', 't'),
  ListServerGroupServers: (settings) => createAlbClient(settings).listServers('sgp-1'),
  DeleteDomainRecord: (settings) => createDnsClient(settings).deleteRecord('1'),
  DescribeDomainInfo: (settings) => createDnsClient(settings).findDomain('example.com'),
  CreateServiceLinkedRole: (settings) =>
    createResourceManagerClient(settings).ensureServiceLinkedRole('alb.aliyuncs.com'),
};

/** Answered by a look at what is left; tests of the clients show it. */
const lookAgain = new Set(['DeleteInstances', 'RevokeSecurityGroup', 'RemoveServersFromServerGroup']);

describe('a refusal that says that nothing is left to do', () => {
  const answers = pairs.filter(
    ({ verdict, action }) => (verdict === 'gone' || verdict === 'done') && !lookAgain.has(action),
  );

  it.each(answers)('$action with $code is an answer', async ({ action, code, httpStatus }) => {
    const ask = asks[`${action} ${code}`] ?? asks[action];
    expect(ask, `no call of ${action}`).toBeDefined();
    const { settings, calls } = await rawServer(json(httpStatus, { RequestId: 'r', Code: code, Message: 'no' }));
    await ask?.(settings);
    expect(calls[0]?.action).toBe(action);
  });
});
