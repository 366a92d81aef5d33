import { type ChangeTable, inPlace } from './entry.ts';

const stage = ['load-balancer'] as const;

/** From the least to the most. */
const editions = ['Basic', 'Standard', 'StandardWithWaf'];

/** Whether the vendor changes one edition into the other: it offers no way back. */
export const isUpgrade = (before: unknown, after: unknown): boolean =>
  editions.indexOf(String(before)) < editions.indexOf(String(after));

export const loadBalancerChanges: ChangeTable = {
  'loadBalancer.name': inPlace(stage, 'UpdateLoadBalancerAttribute'),
  'loadBalancer.addressType': inPlace(
    ['load-balancer', 'ipv6-internet', 'verify'],
    'UpdateLoadBalancerAddressTypeConfig, EnableLoadBalancerIpv6Internet, DisableLoadBalancerIpv6Internet',
    {
      note: 'Both sides change, IPv4 and IPv6. The public IPv4 addresses are the service’s: after a change to Intranet and back they are others. The DNS name stays.',
    },
  ),
  'loadBalancer.edition': inPlace(stage, 'UpdateLoadBalancerEdition', {
    note: 'Upwards only: Basic, Standard, StandardWithWaf.',
    refuses: (before, after) =>
      isUpgrade(before, after)
        ? undefined
        : `cannot go down from ${String(before)} to ${String(after)}: the vendor offers upgrades only. Instead ask for a second load balancer of that edition, and let it take the name over with dns.replaceExisting once it is ready.`,
  }),
  'loadBalancer.deletionProtection': inPlace(stage, 'EnableDeletionProtection, DisableDeletionProtection'),
};
