import { required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import type { DnsState } from '../state.ts';

/** DeleteDomainRecord, AliDNS 2015-01-09. Source: the texts of npm @alicloud/alidns20150109 4.6.1, after https://www.alibabacloud.com/help/en/dns/api-alidns-2015-01-09-deletedomainrecord */
export const deleteDomainRecord = rpcAction<DnsState>()({
  isWrite: true,
  limit: { calls: 60, perMs: 1000 },
  params: { RecordId: required(text()), UserClientIp: text() },
  apply(state, params) {
    state.removeRecord(state.record(params.RecordId));
    return { RecordId: params.RecordId };
  },
});
