import { integer, oneOf, required, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { unicodeName } from '../names.ts';
import type { DnsRecord, DnsState } from '../state.ts';
import { page, recordForm, timesForm } from '../wire-forms.ts';

const same = (value: string, wanted: string | undefined): boolean =>
  wanted === undefined || value.toLowerCase() === wanted.toLowerCase();
const holds = (value: string, wanted: string | undefined): boolean =>
  wanted === undefined || value.toLowerCase().includes(wanted.toLowerCase());

/** DescribeDomainRecords, AliDNS 2015-01-09. Source: the texts of npm @alicloud/alidns20150109 4.6.1, after https://www.alibabacloud.com/help/en/dns/api-alidns-2015-01-09-describedomainrecords */
export const describeDomainRecords = rpcAction<DnsState>()({
  isWrite: false,
  limit: { calls: 100, perMs: 1000 },
  params: {
    DomainName: required(text()),
    PageNumber: integer(1),
    PageSize: integer(1, 500),
    KeyWord: text(),
    RRKeyWord: text(),
    TypeKeyWord: text(),
    ValueKeyWord: text(),
    OrderBy: text(),
    Direction: oneOf('ASC', 'DESC'),
    SearchMode: oneOf('LIKE', 'EXACT', 'ADVANCED', 'COMBINATION'),
    GroupId: integer(),
    Type: text(),
    Line: text(),
    Status: oneOf('Enable', 'Disable'),
  },
  apply(state, params) {
    const domain = state.domain(params.DomainName);
    const mode = params.SearchMode ?? (params.KeyWord === undefined ? 'ADVANCED' : 'LIKE');
    const byKeyWord = mode === 'LIKE' || mode === 'EXACT';
    const text = mode === 'EXACT' || mode === 'COMBINATION' ? same : holds;
    // Host records are searched as they are answered: an inference.
    const matches = (record: DnsRecord): boolean =>
      byKeyWord
        ? text(unicodeName(record.rr), params.KeyWord) || text(record.value, params.KeyWord)
        : text(unicodeName(record.rr), params.RRKeyWord) &&
          text(record.value, params.ValueKeyWord) &&
          same(record.type, params.TypeKeyWord) &&
          same(record.type, params.Type) &&
          same(record.line, params.Line) &&
          same(record.status, params.Status);
    const found = state.recordsOf(domain.name).filter(matches);
    if (params.Direction !== 'ASC') found.reverse();
    const { items, numbers } = page(found, params.PageNumber, params.PageSize);
    return {
      ...numbers,
      DomainRecords: { Record: items.map((record) => ({ ...recordForm(record), ...timesForm(record) })) },
    };
  },
});
