import { required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import type { DnsState } from '../state.ts';

/** UpdateDomainRecordRemark, AliDNS 2015-01-09. Source: the texts of npm @alicloud/alidns20150109 4.6.1, after https://www.alibabacloud.com/help/en/dns/api-alidns-2015-01-09-updatedomainrecordremark */
export const updateDomainRecordRemark = rpcAction<DnsState>()({
  isWrite: true,
  params: { RecordId: required(text()), Remark: text(), UserClientIp: text() },
  apply(state, params) {
    state.record(params.RecordId).remark = params.Remark ?? '';
    return {};
  },
});
