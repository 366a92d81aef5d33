import { type ChangeTable, inPlace, never, secondLoadBalancer } from './entry.ts';

const stage = ['listener'] as const;
const update = inPlace(stage, 'UpdateListenerAttribute');

export const listenerChanges: ChangeTable = {
  'listener.protocol': never(stage, 'the vendor lets no listener change its protocol', secondLoadBalancer),
  'listener.port': never(stage, 'the vendor lets no listener change its port', secondLoadBalancer),
  'listener.certificateIds': update,
  'listener.securityPolicyId': update,
  'listener.redirectHttp': never(stage, 'not yet', secondLoadBalancer),
  'listener.requestTimeoutSeconds': update,
  'listener.idleTimeoutSeconds': update,
};
