import { required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import type { DnsState } from '../state.ts';
import { recordForm } from '../wire-forms.ts';

/** DescribeDomainRecordInfo, AliDNS 2015-01-09. Source: the texts of npm @alicloud/alidns20150109 4.6.1, after https://www.alibabacloud.com/help/en/dns/api-alidns-2015-01-09-describedomainrecordinfo */
export const describeDomainRecordInfo = rpcAction<DnsState>()({
  isWrite: false,
  limit: { calls: 200, perMs: 1000 },
  params: { RecordId: required(text()), UserClientIp: text() },
  apply(state, params) {
    const record = state.record(params.RecordId);
    const domain = state.domain(record.domainName);
    return {
      ...recordForm(record),
      DomainId: domain.id,
      PunyCode: domain.name,
      GroupId: 'defaultGroup',
      GroupName: 'Default Group',
    };
  },
});
