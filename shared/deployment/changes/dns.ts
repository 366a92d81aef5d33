import { type ChangeTable, inPlace, onlyOurs } from './entry.ts';

const stages = ['dns', 'verify'] as const;
const name = inPlace(stages, 'AddDomainRecord or UpdateDomainRecord; DeleteDomainRecord of the former name', {
  note: 'The new name is up and proven before the former one goes; see [dns.md](dns.md).',
  notAdopted: 'the name is what is asked for, and not read from the cloud',
});

export const dnsChanges: ChangeTable = {
  dns: name,
  'dns.domain': name,
  'dns.rr': name,
  'dns.ttl': inPlace(stages, 'UpdateDomainRecord'),
  'dns.replaceExisting': inPlace(stages, 'the next apply, which may replace a record from then on, or not', onlyOurs),
  'dns.icpFiled': inPlace([], 'the record: it is stated, and not asked of the cloud', onlyOurs),
};
