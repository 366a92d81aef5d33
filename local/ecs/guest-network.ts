/** What carries the packets of the guests; the data plane sets it. */
export interface GuestNetwork {
  /** IPv6 addresses of a name, as the resolver of a VPC answers; none: no such name, or none of its. */
  ipv6AddressesOf(name: string): string[];
  /** The loopback socket behind an address and TCP port, as a client in the VPC and at its own address meets it. */
  route(
    address: string,
    port: number,
    from: { vpcId: string; address: string },
  ): Promise<{ host: string; port: number } | { refusal: string }>;
  /** Counts work in real time: the cloud's clock must not jump until what it returns is called. */
  begin(): () => void;
  /** Does work that outlasts the call. `closing` aborts when the cloud closes, which then waits for the work to end. */
  run(work: (closing: AbortSignal) => Promise<void>): void;
}
