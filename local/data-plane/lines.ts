import { BlockList, isIPv4 } from 'node:net';

/**
 * Some networks of the carriers whose clients AliDNS gives records of their own, as far as its lines are emulated. Which
 * addresses a line has is the vendor's secret: these are well-known resolvers of the carriers, and the table is our word alone.
 */
const networks: Record<string, [address: string, prefix: number][]> = {
  telecom: [
    ['202.96.0.0', 16],
    ['116.228.0.0', 16],
  ],
  unicom: [
    ['202.106.0.0', 16],
    ['123.125.0.0', 16],
  ],
  mobile: [
    ['211.136.0.0', 16],
    ['221.130.0.0', 16],
  ],
  edu: [
    ['202.112.0.0', 16],
    ['166.111.0.0', 16],
  ],
  oversea: [['198.51.100.0', 24]],
};

const blocks = Object.entries(networks).map(([line, entries]) => {
  const block = new BlockList();
  for (const [address, prefix] of entries) block.addSubnet(address, prefix);
  return { line, block };
});

/** The resolution line of a client, by the address that its resolver names in the query (RFC 7871): `dig +subnet=202.96.209.0/24`. */
export const lineOf = (clientAddress: string | undefined): string =>
  clientAddress === undefined || !isIPv4(clientAddress)
    ? 'default'
    : (blocks.find(({ block }) => block.check(clientAddress))?.line ?? 'default');
