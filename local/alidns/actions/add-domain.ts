import { required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import { asciiName, unicodeName } from '../names.ts';
import { isDomainName } from '../record-rules.ts';
import type { DnsState } from '../state.ts';

/** AddDomain, AliDNS 2015-01-09. Source: the texts of npm @alicloud/alidns20150109 4.6.1, after https://www.alibabacloud.com/help/en/dns/api-alidns-2015-01-09-adddomain */
export const addDomain = rpcAction<DnsState>()({
  isWrite: true,
  limit: { calls: 10, perMs: 1000 },
  params: { DomainName: required(text()), GroupId: text(), ResourceGroupId: text() },
  apply(state, params) {
    const name = asciiName(params.DomainName);
    if (!isDomainName(name)) throw refuse('InvalidDomainName.Format', params.DomainName);
    if (state.domains.has(name)) throw refuse('InvalidDomainName.Duplicate');
    if (state.takenByOthers.has(name)) throw refuse('DomainAddedByOthers');
    if (state.unregistered.has(name)) throw refuse('InvalidDomainName.Unregistered');
    // A domain that has to be added was registered elsewhere: its registrar does not delegate it to AliDNS yet.
    const domain = state.addDomain(name, { delegatedTo: ['ns1.registrar.example', 'ns2.registrar.example'] });
    return {
      DomainId: domain.id,
      DomainName: unicodeName(domain.name),
      PunyCode: domain.name,
      GroupId: 'defaultGroup',
      GroupName: 'Default Group',
      DnsServers: { DnsServer: domain.dnsServers },
    };
  },
});
