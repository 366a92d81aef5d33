import type { CloudSettings } from './call.ts';
import type { Domains } from './dns/domains.ts';
import type { Records } from './dns/records.ts';
import { lazyClient } from './lazy-client.ts';

export type { Domain } from './dns/domains.ts';
export type { DnsRecord, NewDnsRecord } from './dns/records.ts';

export interface DnsClient extends Domains, Records {}

export const createDnsClient = (settings: CloudSettings): DnsClient =>
  lazyClient<DnsClient>(async () => {
    const [{ createCall }, { dnsProduct }, { domains }, { records }] = await Promise.all([
      import('./call.ts'),
      import('./products.ts'),
      import('./dns/domains.ts'),
      import('./dns/records.ts'),
    ]);
    const call = createCall(settings, dnsProduct);
    return { ...domains(call), ...records(call) };
  });
