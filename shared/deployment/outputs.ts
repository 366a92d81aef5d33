import type { Problem } from './spec.ts';

export interface VSwitchOutput {
  vSwitchId: string;
  zoneId: string;
  cidrBlock: string;
  ipv6CidrBlock: string;
}

export interface InstanceOutput {
  name: string;
  instanceId: string;
  /** Address of the backend's family inside the VPC. */
  address: string;
  port: number;
  weight: number;
  securityGroupIds: string[];
}

/** What we put at a name in DNS, written before the record is touched, so that release can restore what stood there. */
export interface DnsIntent {
  rr: string;
  type: string;
  line: string;
  value: string;
  previousValue?: string;
  previousTtl?: number;
  previousRemark?: string;
  previousStatus?: string;
}

/** A name that the load balancer had before its request changed. */
export interface FormerName {
  domain: string;
  rr: string;
  recordId?: string | undefined;
  intent: DnsIntent;
}

export interface ZoneAddresses {
  zoneId: string;
  vSwitchId: string;
  ipv4Address: string;
  ipv6Address: string;
}

/** What each stage hands on. */
export interface StageOutputs {
  preflight: {
    warnings: Problem[];
    /** What the release asked for at its end, and what it found: in two looks. */
    proof?: {
      isEmpty: boolean;
      epoch?: number;
      looks: { atMs: number; asked: { what: string; by: string; found: string[]; missing?: string[] }[] }[];
    };
  };
  network: {
    vpcId: string;
    /** In the order of the request. */
    vSwitches: VSwitchOutput[];
    /** vSwitches that we made for zones that are no longer asked for, until they are gone. */
    dismissedVSwitches?: VSwitchOutput[];
    ipv6GatewayId: string;
    /** vSwitches and VPC on which we turned IPv6 on because the request said so. */
    ipv6EnabledOn: string[];
    /** Ours, but in use by others when we left: it stayed. */
    keptIpv6GatewayId?: string;
    /** Those of `ipv6EnabledOn` that others used when we left: it stayed on. */
    keptIpv6On?: string[];
  };
  'security-group': {
    /** Undefined when every instance is adopted and its own groups stay as they are. */
    securityGroupId?: string;
    /** Adopted groups that got rules of ours, and may still have them. */
    managedGroupIds: string[];
  };
  'server-group': { serverGroupId: string };
  'load-balancer': {
    loadBalancerId: string;
    dnsName: string;
    zones: ZoneAddresses[];
  };
  instances: {
    /** Backend name to the id of the instance that we made for it. */
    ids: Record<string, string>;
    /** Instances that we made for backends that are no longer asked for, until they are gone. */
    dismissedIds?: string[];
    instances: InstanceOutput[];
  };
  'ipv6-internet': {
    ipv6AddressType: string;
    /** Of the IPv4 side; absent in records of versions that did not keep it: as the request has it. */
    addressType?: string;
    zones: ZoneAddresses[];
  };
  'backend-servers': { servers: { serverId: string; serverIp: string; port: number }[] };
  listener: {
    listenerId: string;
    port: number;
    protocol: 'HTTP' | 'HTTPS';
    redirectListenerId?: string;
    redirectRuleId?: string;
    /** Whether the rule has been seen with our tags. */
    isRedirectTagged?: boolean;
  };
  health: {
    healthyServers: number;
    /** Looks in a row that found every server healthy. */
    looks: number;
    /** Of the run that took the looks. */
    epoch?: number;
    /** Of the command that collects evidence. */
    invokeId?: string;
    /** The look for IPv6 addresses inside our own servers, and their setting up, of the run with its epoch. */
    ipv6Inside?: {
      epoch: number;
      step: 'look' | 'looking' | 'configuring' | 'over';
      invokeId?: string;
      /** When that command was sent. */
      sinceMs?: number;
      /** What was found or done; absent where nothing is wrong. */
      evidence?: string;
    };
  };
  dns: {
    /** Name that clients use; undefined without `dns` in the request. */
    domainName?: string | undefined;
    recordId?: string | undefined;
    /** At the present name; undefined while nothing has been put there. */
    intent?: DnsIntent | undefined;
    /** Names before the present one, each of which goes once the present one is proven. */
    former?: FormerName[];
    /** Records of other resolution lines at the name, which lead elsewhere. */
    otherLines?: { line: string; type: string; value: string }[] | undefined;
  };
  verify: {
    verifiedAtMs: number;
    /** Backends with weight: those that must answer until it is done again. */
    backends?: string[];
  };
}
