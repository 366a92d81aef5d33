import { type ChangeTable, inPlace, never, onlyOurs } from './entry.ts';

const stages = ['dns', 'verify'] as const;
const byHand = 'add a record for the other name that leads to the load balancer';

export const dnsChanges: ChangeTable = {
  dns: never(stages, 'the name is what clients know', byHand),
  'dns.domain': never(stages, 'the name is what clients know', byHand),
  'dns.rr': never(stages, 'the name is what clients know', byHand),
  'dns.ttl': inPlace(stages, 'UpdateDomainRecord'),
  'dns.replaceExisting': inPlace(stages, 'the next apply, which may replace a record from then on, or not', onlyOurs),
  'dns.icpFiled': never(stages, 'it is stated for the domain, which stays', 'leave it as it is'),
};
