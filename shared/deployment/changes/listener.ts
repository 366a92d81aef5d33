import { type ChangeTable, inPlace, never, secondLoadBalancer } from './entry.ts';

const stage = ['listener'] as const;
const update = inPlace(stage, 'UpdateListenerAttribute');

export const listenerChanges: ChangeTable = {
  'listener.protocol': never(stage, 'the vendor lets no listener change its protocol', secondLoadBalancer),
  'listener.port': never(stage, 'the vendor lets no listener change its port', secondLoadBalancer),
  'listener.certificateIds': inPlace(
    stage,
    'UpdateListenerAttribute, AssociateAdditionalCertificatesWithListener, DissociateAdditionalCertificatesFromListener',
    {
      note: 'The first one is the default. It is exchanged in one call; additional ones are added before others go.',
    },
  ),
  'listener.securityPolicyId': update,
  'listener.redirectHttp': inPlace(stage, 'CreateListener and CreateRule; DeleteListener', {
    note: 'Its listener on port 80 is made or deleted.',
    notAdopted: 'it is a listener of its own, which is made again where it is missing: PATCH it to false',
  }),
  'listener.requestTimeoutSeconds': update,
  'listener.idleTimeoutSeconds': update,
};
