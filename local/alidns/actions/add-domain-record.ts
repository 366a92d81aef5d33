import { integer, required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import type { DnsState } from '../state.ts';

/** AddDomainRecord, AliDNS 2015-01-09. Source: the texts of npm @alicloud/alidns20150109 4.6.1, after https://www.alibabacloud.com/help/en/dns/api-alidns-2015-01-09-adddomainrecord */
export const addDomainRecord = rpcAction<DnsState>()({
  isWrite: true,
  limit: { calls: 60, perMs: 1000 },
  params: {
    DomainName: required(text()),
    RR: required(text()),
    Type: required(text()),
    Value: required(text()),
    TTL: integer(),
    Priority: integer(1, 50),
    Line: text(),
    UserClientIp: text(),
  },
  apply(state, params) {
    const record = state.addRecord(state.domain(params.DomainName), {
      rr: params.RR,
      type: params.Type,
      value: params.Value,
      line: params.Line ?? 'default',
      ttl: params.TTL ?? 600,
      priority: params.Priority,
    });
    return { RecordId: record.id };
  },
});
