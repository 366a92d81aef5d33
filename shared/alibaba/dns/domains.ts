import { DescribeDomainInfoRequest } from '@alicloud/alidns20150109/dist/models/DescribeDomainInfoRequest.js';
import { DescribeDomainInfoResponseBody } from '@alicloud/alidns20150109/dist/models/DescribeDomainInfoResponseBody.js';
import type { Call } from '../call.ts';
import { expecting } from '../cloud-error.ts';

export interface Domain {
  domainName: string;
  /** The servers that the service assigned, not the live delegation. */
  dnsServers: string[];
  /** Seconds: the least TTL that the edition allows. */
  minTtl: number;
  /** `mianfei` (free), `version_personal`, ... */
  versionCode: string;
}

export interface Domains {
  /** Undefined where this account does not have the domain. */
  findDomain(domainName: string): Promise<Domain | undefined>;
}

const describeDomainInfo = {
  name: 'DescribeDomainInfo',
  request: DescribeDomainInfoRequest,
  answer: DescribeDomainInfoResponseBody,
};

export const domains = (call: Call): Domains => ({
  async findDomain(domainName) {
    // Without the details there is no MinTtl (P-090).
    const found = await expecting(['InvalidDomainName.NoExist'], undefined, () =>
      call(describeDomainInfo, { domainName, needDetailAttributes: true }),
    );
    if (found?.domainName?.toLowerCase() !== domainName.toLowerCase()) return undefined;
    return {
      domainName: found.domainName,
      dnsServers: found.dnsServers?.dnsServer ?? [],
      // The highest floor of all editions where none is told.
      minTtl: found.minTtl ?? 600,
      versionCode: found.versionCode ?? '',
    };
  },
});
