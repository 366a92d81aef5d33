import { type ChangeTable, inPlace, never, secondLoadBalancer } from './entry.ts';

const stage = ['server-group'] as const;
const update = inPlace(stage, 'UpdateServerGroupAttribute');
const health = inPlace(['server-group', 'health', 'verify'], 'UpdateServerGroupAttribute');
const transition = inPlace(stage, 'UpdateServerGroupAttribute', {
  note: 'Not with loadBalancer.edition Basic; slow start with the scheduler Wrr only.',
});

export const serverGroupChanges: ChangeTable = {
  'serverGroup.name': update,
  'serverGroup.protocol': never(stage, 'the vendor lets no group change its protocol', secondLoadBalancer),
  'serverGroup.scheduler': update,
  'serverGroup.healthCheck.enabled': health,
  'serverGroup.healthCheck.path': health,
  'serverGroup.healthCheck.method': health,
  'serverGroup.healthCheck.codes': health,
  'serverGroup.healthCheck.intervalSeconds': health,
  'serverGroup.healthCheck.timeoutSeconds': health,
  'serverGroup.healthCheck.healthyThreshold': health,
  'serverGroup.healthCheck.unhealthyThreshold': health,
  'serverGroup.stickySession.enabled': update,
  'serverGroup.stickySession.type': update,
  'serverGroup.stickySession.cookie': update,
  'serverGroup.stickySession.cookieTimeoutSeconds': update,
  'serverGroup.connectionDrain.enabled': transition,
  'serverGroup.connectionDrain.timeoutSeconds': transition,
  'serverGroup.slowStart.enabled': transition,
  'serverGroup.slowStart.durationSeconds': transition,
};
