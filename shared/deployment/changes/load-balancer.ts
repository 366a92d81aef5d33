import { type ChangeTable, inPlace, never, secondLoadBalancer } from './entry.ts';

const stage = ['load-balancer'] as const;

export const loadBalancerChanges: ChangeTable = {
  'loadBalancer.name': never(stage, 'not yet', secondLoadBalancer),
  'loadBalancer.addressType': never(stage, 'not yet', secondLoadBalancer),
  'loadBalancer.edition': never(stage, 'not yet', secondLoadBalancer),
  'loadBalancer.deletionProtection': inPlace(stage, 'EnableDeletionProtection, DisableDeletionProtection'),
};
