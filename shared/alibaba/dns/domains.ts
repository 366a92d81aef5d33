import { DescribeDomainInfoRequest } from '@alicloud/alidns20150109/dist/models/DescribeDomainInfoRequest.js';
import { DescribeDomainInfoResponseBody } from '@alicloud/alidns20150109/dist/models/DescribeDomainInfoResponseBody.js';
import { sameName, unicodeName } from '../../domain-name.ts';
import type { Call } from '../call.ts';
import { expecting } from '../cloud-error.ts';

export interface Domain {
  /** In ASCII. */
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

/**
 * A domain in other letters is asked for by the name that the service gives it, with which public clients succeed
 * (https://github.com/go-acme/lego/pull/1088); whether it takes the punycode too is not documented.
 */
export const domains = (call: Call): Domains => ({
  async findDomain(domainName) {
    // Without the details there is no MinTtl (P-090).
    const found = await expecting(['InvalidDomainName.NoExist'], undefined, () =>
      call(describeDomainInfo, { domainName: unicodeName(domainName), needDetailAttributes: true }),
    );
    if (found === undefined || !sameName(found.punyCode ?? found.domainName ?? '', domainName)) return undefined;
    return {
      domainName,
      dnsServers: found.dnsServers?.dnsServer ?? [],
      // The highest floor of all editions where none is told.
      minTtl: found.minTtl ?? 600,
      versionCode: found.versionCode ?? '',
    };
  },
});
