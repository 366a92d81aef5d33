import { flag, required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { lines, maxTtl } from '../record-rules.ts';
import type { DnsState } from '../state.ts';
import { domainForm } from '../wire-forms.ts';

/** In seconds; an edition offers those from its smallest TTL on. The steps are ours: no source lists them. */
const ttlChoices = [1, 5, 10, 60, 120, 300, 600, 1800, 3600, 43_200, maxTtl];

/** DescribeDomainInfo, AliDNS 2015-01-09. Source: the texts of npm @alicloud/alidns20150109 4.6.1, after https://www.alibabacloud.com/help/en/dns/api-alidns-2015-01-09-describedomaininfo */
export const describeDomainInfo = rpcAction<DnsState>()({
  isWrite: false,
  params: { DomainName: required(text()), NeedDetailAttributes: flag() },
  apply(state, params) {
    const domain = state.domain(params.DomainName);
    const detail = {
      MinTtl: domain.minTtl,
      LineType: 'region_province',
      RegionLines: false,
      SlaveDns: false,
      RecordLines: {
        RecordLine: lines.map((line) => ({ LineCode: line, LineName: line, LineDisplayName: line })),
      },
      RecordLineTreeJson: JSON.stringify(Object.fromEntries(lines.map((line) => [line, {}]))),
    };
    return {
      ...domainForm(domain),
      CreateTime: new Date(domain.createdAtMs).toISOString().replace(/:\d\d\.\d+Z$/, 'Z'),
      AvailableTtls: {
        AvailableTtl: ttlChoices.filter((seconds) => seconds >= domain.minTtl).map((seconds) => String(seconds)),
      },
      InBlackHole: false,
      InClean: false,
      SubDomain: false,
      ...(params.NeedDetailAttributes === true ? detail : {}),
    };
  },
});
