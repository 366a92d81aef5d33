import { integer, required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import { asciiName } from '../names.ts';
import type { DnsState } from '../state.ts';
import { page, recordForm } from '../wire-forms.ts';

/** Suffixes of two labels under which domains are registered: enough of them for the guess below. */
const twoLabelSuffixes = /\.(?:(?:com|net|org|gov|edu|ac)\.cn|co\.(?:jp|uk|kr|in)|com\.(?:hk|tw|sg|au))$/;

/** The registered domain as the real service guesses it from a full name when DomainName is not given. */
const guessDomain = (name: string): string =>
  name
    .split('.')
    .slice(twoLabelSuffixes.test(name) ? -3 : -2)
    .join('.');

/** DescribeSubDomainRecords, AliDNS 2015-01-09. Source: the texts of npm @alicloud/alidns20150109 4.6.1, after https://www.alibabacloud.com/help/en/dns/api-alidns-2015-01-09-describesubdomainrecords */
export const describeSubDomainRecords = rpcAction<DnsState>()({
  isWrite: false,
  limit: { calls: 300, perMs: 1000 },
  params: {
    SubDomain: required(text()),
    DomainName: text(),
    Type: text(),
    Line: text(),
    PageNumber: integer(1),
    // 100 by the text of the API page, 500 by the schema: the schema is what the gateway checks.
    PageSize: integer(1, 500),
    UserClientIp: text(),
  },
  apply(state, params) {
    const name = asciiName(params.SubDomain);
    const bare = name.replace(/^@\./, '');
    const domain = state.domain(params.DomainName ?? guessDomain(bare));
    if (bare !== domain.name && !bare.endsWith(`.${domain.name}`))
      throw refuse('SubDomainInvalid.Value', params.SubDomain);
    const rr = bare === domain.name ? '@' : bare.slice(0, -domain.name.length - 1);
    const found = state
      .recordsOf(domain.name)
      .filter(
        (record) =>
          record.rr === rr &&
          (params.Type === undefined || record.type === params.Type.toUpperCase()) &&
          (params.Line === undefined || record.line === params.Line),
      )
      .reverse();
    const { items, numbers } = page(found, params.PageNumber, params.PageSize);
    return { ...numbers, DomainRecords: { Record: items.map(recordForm) } };
  },
});
