/** How long the embedded cloud takes for what the real one does in the background, in milliseconds. */
export interface Latency {
  vpcMs: number;
  vSwitchMs: number;
  ipv6GatewayMs: number;
  /** Pending to Running. */
  instanceMs: number;
  /** Running to Cloud Assistant connected and nginx serving. */
  cloudInitMs: number;
  loadBalancerMs: number;
  ipv6InternetMs: number;
  /** A zone of a load balancer that is added, shifted or brought back. */
  zoneMs: number;
  serverGroupMs: number;
  serverMs: number;
  listenerMs: number;
  ruleMs: number;
  /** Any deletion, from the answer until the resource is gone. */
  deleteMs: number;
  /** How much longer the network cards and the managed security group of a deleted load balancer stay. */
  leftoverMs: number;
  /** Interval of the load balancer's health checks; the request's own interval holds under `realistic`. */
  healthCheckIntervalMs: number;
  /** Lag of queries by tag behind the truth. */
  tagLagMs: number;
  /** Lag of the DNS servers behind the record set. */
  dnsMs: number;
}

export type LatencyName = 'realistic' | 'short' | 'none';

const every = (ms: number): Latency => ({
  vpcMs: ms,
  vSwitchMs: ms,
  ipv6GatewayMs: ms,
  instanceMs: ms,
  cloudInitMs: ms,
  loadBalancerMs: ms,
  ipv6InternetMs: ms,
  zoneMs: ms,
  serverGroupMs: ms,
  serverMs: ms,
  listenerMs: ms,
  ruleMs: ms,
  deleteMs: ms,
  leftoverMs: ms,
  healthCheckIntervalMs: Math.max(ms, 100),
  tagLagMs: 0,
  dnsMs: 0,
});

/** No typical durations are published; `realistic` is our model of them, between the poll steps and the time limits of Terraform. */
export const latencies: Record<LatencyName, Latency> = {
  none: every(0),
  short: {
    ...every(400),
    instanceMs: 1500,
    cloudInitMs: 700,
    loadBalancerMs: 2000,
    ipv6InternetMs: 900,
    healthCheckIntervalMs: 300,
    tagLagMs: 300,
    dnsMs: 200,
  },
  realistic: {
    vpcMs: 4000,
    vSwitchMs: 4000,
    ipv6GatewayMs: 5000,
    instanceMs: 25_000,
    cloudInitMs: 40_000,
    loadBalancerMs: 60_000,
    ipv6InternetMs: 20_000,
    zoneMs: 10_000,
    serverGroupMs: 5000,
    serverMs: 6000,
    listenerMs: 8000,
    ruleMs: 5000,
    deleteMs: 8000,
    leftoverMs: 20_000,
    healthCheckIntervalMs: 2000,
    tagLagMs: 2000,
    dnsMs: 1000,
  },
};
