import { ApiError } from '../action.ts';
import type { CloudContext } from '../cloud-context.ts';
import { type RpcService, rpcService } from '../rpc.ts';
import { addDomainRecord } from './actions/add-domain-record.ts';
import { addDomain } from './actions/add-domain.ts';
import { deleteDomainRecord } from './actions/delete-domain-record.ts';
import { describeDomainInfo } from './actions/describe-domain-info.ts';
import { describeDomainRecordInfo } from './actions/describe-domain-record-info.ts';
import { describeDomainRecords } from './actions/describe-domain-records.ts';
import { describeDomains } from './actions/describe-domains.ts';
import { describeSubDomainRecords } from './actions/describe-sub-domain-records.ts';
import { setDomainRecordStatus } from './actions/set-domain-record-status.ts';
import { updateDomainRecordRemark } from './actions/update-domain-record-remark.ts';
import { updateDomainRecord } from './actions/update-domain-record.ts';
import { DnsState } from './state.ts';
import { dnsResources } from './resources.ts';

/** AliDNS 2015-01-09: wire name to action. No action takes a client token or a dry run. */
export const dnsService = (context: CloudContext, state = new DnsState(context)): RpcService<DnsState> =>
  rpcService({
    name: 'alidns',
    version: '2015-01-09',
    clock: context.clock,
    credentials: context.credentials,
    regionId: context.regionId,
    isGlobal: true,
    state,
    errors: {
      // Inference: RPC gateways of this age build the code from the parameter's name.
      missing: (name) => new ApiError(`Missing${name}`, 400, `${name} is mandatory for this action.`),
      invalid: (name, why) => new ApiError('InvalidParameter', 400, `The specified parameter "${name}" ${why}.`),
    },
    resources: dnsResources,
    actions: {
      AddDomain: addDomain,
      AddDomainRecord: addDomainRecord,
      DeleteDomainRecord: deleteDomainRecord,
      DescribeDomainInfo: describeDomainInfo,
      DescribeDomainRecordInfo: describeDomainRecordInfo,
      DescribeDomainRecords: describeDomainRecords,
      DescribeDomains: describeDomains,
      DescribeSubDomainRecords: describeSubDomainRecords,
      SetDomainRecordStatus: setDomainRecordStatus,
      UpdateDomainRecord: updateDomainRecord,
      UpdateDomainRecordRemark: updateDomainRecordRemark,
    },
  });
