import { flag, integer, oneOf, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { asciiName } from '../names.ts';
import type { DnsState } from '../state.ts';
import { domainForm, page } from '../wire-forms.ts';

/** DescribeDomains, AliDNS 2015-01-09. Source: the texts of npm @alicloud/alidns20150109 4.6.1, after https://www.alibabacloud.com/help/en/dns/api-alidns-2015-01-09-describedomains */
export const describeDomains = rpcAction<DnsState>()({
  isWrite: false,
  params: {
    KeyWord: text(),
    GroupId: text(),
    PageNumber: integer(1),
    PageSize: integer(1, 100),
    SearchMode: oneOf('LIKE', 'EXACT'),
    ResourceGroupId: text(),
    Starmark: flag(),
  },
  apply(state, params) {
    const keyWord = params.KeyWord === undefined ? undefined : asciiName(params.KeyWord);
    const found = [...state.domains.values()].filter(
      ({ name }) =>
        keyWord === undefined || (params.SearchMode === 'EXACT' ? name === keyWord : name.includes(keyWord)),
    );
    const inGroup = params.GroupId === undefined || params.GroupId === 'defaultGroup' ? found : [];
    const { items, numbers } = page(inGroup, params.PageNumber, params.PageSize);
    return {
      ...numbers,
      Domains: {
        Domain: items.map((domain) => ({
          ...domainForm(domain),
          CreateTime: new Date(domain.createdAtMs).toISOString().replace(/:\d\d\.\d+Z$/, 'Z'),
          CreateTimestamp: domain.createdAtMs,
          RecordCount: state.recordsOf(domain.name).length,
          Starmark: false,
          InstanceExpired: false,
          Tags: { Tag: [] },
        })),
      },
    };
  },
});
