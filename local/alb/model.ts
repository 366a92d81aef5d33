import type { Kept, Timed } from '../lifecycle.ts';

export interface LoadBalancerZone {
  zoneId: string;
  vSwitchId: string;
  /** The public IPv4 address, or the private one when Intranet. */
  address: string;
  /** Id of the elastic IP address behind `address`; empty when Intranet. */
  allocationId: string;
  intranetAddress: string;
  /** Empty unless DualStack. */
  ipv6Address: string;
  /** From these the load balancer talks to its backend servers. */
  ipv4LocalAddresses: string[];
  ipv6LocalAddresses: string[];
  /** The card that holds `intranetAddress` and `ipv6Address`. */
  networkInterfaceId: string;
  /** All its network cards. */
  networkInterfaceIds: string[];
  /** Starting to Active; Stopping to Shifted; Stopped. */
  status: Timed;
  /** Addresses that the availability probe of the service finds dead. */
  unhealthy: { ipv4: boolean; ipv6: boolean };
}

/** Provisioning to Active or CreateFailed; Configuring to Active; Deleting to gone. */
export interface LoadBalancer extends Kept {
  name: string;
  vpcId: string;
  addressType: 'Internet' | 'Intranet';
  addressAllocatedMode: 'Fixed' | 'Dynamic';
  edition: 'Basic' | 'Standard' | 'StandardWithWaf';
  addressIpVersion: 'IPv4' | 'DualStack';
  /** As it is now; empty unless DualStack. */
  readonly ipv6AddressType: 'Intranet' | 'Internet' | '';
  /** Behind `ipv6AddressType`: changes after EnableLoadBalancerIpv6Internet and its opposite. */
  ipv6Internet: Timed;
  businessStatus: 'Normal' | 'Abnormal';
  dnsName: string;
  deletionProtection: boolean;
  deletionProtectedAtMs: number;
  modificationProtection: { status: 'NonProtection' | 'ConsoleProtection'; reason: string };
  resourceGroupId: string;
  securityGroupId: string;
  zones: LoadBalancerZone[];
}

export interface HealthCheck {
  enabled: boolean;
  protocol: 'HTTP' | 'HTTPS' | 'TCP';
  method: 'GET' | 'POST' | 'HEAD';
  path: string;
  /** Empty: the backend server's own address. */
  host: string;
  httpVersion: 'HTTP1.0' | 'HTTP1.1';
  codes: ('http_2xx' | 'http_3xx' | 'http_4xx' | 'http_5xx')[];
  /** 0: the backend server's port. */
  connectPort: number;
  intervalSeconds: number;
  timeoutSeconds: number;
  healthyThreshold: number;
  unhealthyThreshold: number;
}

export interface StickySession {
  enabled: boolean;
  /** Insert: the load balancer sets its own cookie SERVERID. Server, which rewrites `cookie`, is refused when enabled. */
  type: 'Insert' | 'Server';
  cookie: string;
  cookieTimeoutSeconds: number;
}

/** Settings that are kept and answered back; the data plane neither drains nor starts slowly. */
export interface ConnectionDrain {
  enabled: boolean;
  timeoutSeconds: number;
}

export interface SlowStart {
  enabled: boolean;
  durationSeconds: number;
}

export interface BackendServer {
  serverId: string;
  /** IPv4 or IPv6 literal; the latter in canonical form. */
  serverIp: string;
  serverType: 'Ecs';
  port: number;
  weight: number;
  description: string;
  /** Adding to Available; Configuring to Available; Removing to gone. */
  status: Timed;
  addedAtMs: number;
}

/** Creating to Available; Configuring to Available; Deleting to gone. */
export interface ServerGroup extends Kept {
  vpcId: string;
  name: string;
  protocol: 'HTTP' | 'HTTPS';
  scheduler: 'Wrr' | 'Wlc' | 'Sch';
  ipv6Enabled: boolean;
  upstreamKeepaliveEnabled: boolean;
  resourceGroupId: string;
  serviceName: string;
  healthCheck: HealthCheck;
  stickySession: StickySession;
  connectionDrain: ConnectionDrain;
  slowStart: SlowStart;
  /** Without those that are gone; `addServer` of the state adds to it. */
  readonly servers: BackendServer[];
}

export type RuleCondition =
  | { type: 'Host' | 'Path' | 'Method' | 'SourceIp'; values: string[] }
  | { type: 'Header'; key: string; values: string[] }
  | { type: 'QueryString' | 'Cookie'; pairs: { key: string; value: string }[] };

export type RuleAction =
  | {
      type: 'ForwardGroup';
      order: number;
      serverGroups: { serverGroupId: string; weight: number }[];
    }
  /** `${protocol}`, `${host}`, `${port}`, `${path}` and `${query}` stand for the request's own. */
  | {
      type: 'Redirect';
      order: number;
      protocol: 'HTTP' | 'HTTPS' | '${protocol}';
      host: string;
      port: string;
      path: string;
      query: string;
      httpCode: number;
    }
  | { type: 'FixedResponse'; order: number; httpCode: number; contentType: string; content: string };

/** Provisioning to Available; Configuring to Available; Deleting to gone. */
export interface Rule extends Kept {
  listenerId: string;
  name: string;
  /** 1 to 10000; the smallest is looked at first. */
  priority: number;
  conditions: RuleCondition[];
  /** In order. */
  actions: RuleAction[];
}

export interface ForwardedHeaders {
  /** X-Forwarded-For */
  for: boolean;
  processingMode: 'append' | 'remove';
  proto: boolean;
  slbId: boolean;
  slbPort: boolean;
  clientSrcPort: boolean;
  host: boolean;
  /** Always off: addresses of clients out of X-Forwarded-For are not emulated. */
  clientSourceIps: boolean;
  clientSourceIpsTrusted: string;
}

/** A certificate of a listener beside its default one: Associating to Associated; Diassociating (sic) to gone. */
export interface AdditionalCertificate {
  id: string;
  status: Timed;
}

/** Provisioning to Running; Configuring to Running or Stopped; Deleting to gone. */
export interface Listener extends Kept {
  loadBalancerId: string;
  port: number;
  protocol: 'HTTP' | 'HTTPS';
  /** Where its default action forwards to. */
  serverGroupId: string;
  description: string;
  /** The default certificate: exactly one on HTTPS, none on HTTP. */
  certificateIds: string[];
  /** Without those that are gone; `setAdditionalCertificates` of the state changes them. */
  readonly additionalCertificates: AdditionalCertificate[];
  /** Empty on HTTP. */
  securityPolicyId: string;
  requestTimeoutSeconds: number;
  idleTimeoutSeconds: number;
  gzipEnabled: boolean;
  http2Enabled: boolean;
  forwardedHeaders: ForwardedHeaders;
  /** Without those that are gone, by priority. */
  readonly rules: Rule[];
}

export interface ServerHealth {
  status: 'Normal' | 'Initial' | 'Unhealthy' | 'Unused' | 'Unavailable';
  reasonCode?: string;
  actualResponse?: string;
  expectedResponse?: string;
}
