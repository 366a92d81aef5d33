import { type ChangeTable, inPlace, never, secondLoadBalancer } from './entry.ts';

const stage = ['server-group'] as const;
const update = inPlace(stage, 'UpdateServerGroupAttribute');
const health = inPlace(['server-group', 'health', 'verify'], 'UpdateServerGroupAttribute');

export const serverGroupChanges: ChangeTable = {
  'serverGroup.name': never(stage, 'not yet', secondLoadBalancer),
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
};
