import { oneOf, required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import type { DnsState } from '../state.ts';

/** SetDomainRecordStatus, AliDNS 2015-01-09. Source: the texts of npm @alicloud/alidns20150109 4.6.1, after https://www.alibabacloud.com/help/en/dns/api-alidns-2015-01-09-setdomainrecordstatus */
export const setDomainRecordStatus = rpcAction<DnsState>()({
  isWrite: true,
  params: { RecordId: required(text()), Status: required(oneOf('Enable', 'Disable')), UserClientIp: text() },
  apply(state, params) {
    state.setStatus(state.record(params.RecordId), params.Status === 'Enable' ? 'ENABLE' : 'DISABLE');
    return { RecordId: params.RecordId, Status: params.Status };
  },
});
