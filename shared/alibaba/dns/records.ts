import { AddDomainRecordRequest } from '@alicloud/alidns20150109/dist/models/AddDomainRecordRequest.js';
import { AddDomainRecordResponseBody } from '@alicloud/alidns20150109/dist/models/AddDomainRecordResponseBody.js';
import { DeleteDomainRecordRequest } from '@alicloud/alidns20150109/dist/models/DeleteDomainRecordRequest.js';
import { DescribeDomainRecordsRequest } from '@alicloud/alidns20150109/dist/models/DescribeDomainRecordsRequest.js';
import { DescribeDomainRecordsResponseBody } from '@alicloud/alidns20150109/dist/models/DescribeDomainRecordsResponseBody.js';
import { SetDomainRecordStatusRequest } from '@alicloud/alidns20150109/dist/models/SetDomainRecordStatusRequest.js';
import { UpdateDomainRecordRemarkRequest } from '@alicloud/alidns20150109/dist/models/UpdateDomainRecordRemarkRequest.js';
import { UpdateDomainRecordRequest } from '@alicloud/alidns20150109/dist/models/UpdateDomainRecordRequest.js';
import { asHostRecord, sameName, unicodeName } from '../../domain-name.ts';
import { type Call, idOf } from '../call.ts';
import { expecting, hasCode } from '../cloud-error.ts';
import { numberedPages } from '../pages.ts';
import { dnsProduct } from '../products.ts';

export interface DnsRecord {
  recordId: string;
  /** In ASCII; `@` for the domain itself. */
  rr: string;
  type: string;
  value: string;
  line: string;
  /** Seconds. */
  ttl: number;
  /** `ENABLE`, `DISABLE`. */
  status: string;
  isLocked: boolean;
  remark: string;
  /** Where records of one name and type are answered by weight. */
  weight?: number;
}

export interface NewDnsRecord {
  domainName: string;
  rr: string;
  type: string;
  value: string;
  /** Seconds. */
  ttl: number;
  /** Default `default`. */
  line?: string | undefined;
}

export interface Records {
  /** Records of exactly this host, of all types and lines. */
  listRecords(host: { domainName: string; rr: string }): Promise<DnsRecord[]>;
  /** Records of this host and of all names below it. */
  listRecordsFrom(host: { domainName: string; rr: string }): Promise<DnsRecord[]>;
  /** NS records below the domain itself: names given to other name servers. */
  listDelegations(domainName: string): Promise<DnsRecord[]>;
  /** @returns the record id; that of the equal record where there is one already. */
  addRecord(record: NewDnsRecord): Promise<string>;
  /** Sends nothing where the record has these values already. The host (`rr`) must stay what it is. */
  updateRecord(recordId: string, record: NewDnsRecord): Promise<void>;
  setRemark(recordId: string, remark: string): Promise<void>;
  /** A disabled record stays in the list and is not answered. */
  setStatus(recordId: string, status: 'Enable' | 'Disable'): Promise<void>;
  /** A record that is not there counts as deleted. */
  deleteRecord(recordId: string): Promise<void>;
}

const addDomainRecord = {
  name: 'AddDomainRecord',
  request: AddDomainRecordRequest,
  answer: AddDomainRecordResponseBody,
};
const deleteDomainRecord = { name: 'DeleteDomainRecord', request: DeleteDomainRecordRequest };
const describeDomainRecords = {
  name: 'DescribeDomainRecords',
  request: DescribeDomainRecordsRequest,
  answer: DescribeDomainRecordsResponseBody,
};
const setDomainRecordStatus = { name: 'SetDomainRecordStatus', request: SetDomainRecordStatusRequest };
const updateDomainRecord = { name: 'UpdateDomainRecord', request: UpdateDomainRecordRequest };
const updateDomainRecordRemark = { name: 'UpdateDomainRecordRemark', request: UpdateDomainRecordRemarkRequest };

export const records = (call: Call): Records => {
  const read = async (domainName: string, filter: { RRKeyWord?: string; type?: string }): Promise<DnsRecord[]> => {
    const rows = await numberedPages(500, async (paging) => {
      const answer = await call(describeDomainRecords, { domainName: unicodeName(domainName), ...filter, ...paging });
      return { rows: answer.domainRecords?.record, totalCount: answer.totalCount };
    });
    return rows.map((row) => ({
      recordId: row.recordId ?? '',
      // It may be answered in the letters that people read.
      rr: asHostRecord(row.RR ?? '') ?? row.RR ?? '',
      type: row.type ?? '',
      value: row.value ?? '',
      line: row.line ?? '',
      ttl: row.TTL ?? 0,
      // `Enable` and `ENABLE` are both seen.
      status: row.status?.toUpperCase() ?? '',
      isLocked: row.locked ?? false,
      remark: row.remark ?? '',
      ...(row.weight === undefined ? {} : { weight: row.weight }),
    }));
  };

  /** Without the fuzzy keyword where it may be searched in other letters than these. */
  const readLike = async (domainName: string, rr: string): Promise<DnsRecord[]> =>
    await read(domainName, unicodeName(rr) === rr ? { RRKeyWord: rr } : {});

  /**
   * By the fuzzy keyword and an exact comparison (P-087): unlike DescribeSubDomainRecords this is documented for the apex too.
   */
  const list: Records['listRecords'] = async ({ domainName, rr }) =>
    (await readLike(domainName, rr)).filter((record) => record.rr === rr);

  const hasValues = async (recordId: string, wanted: NewDnsRecord): Promise<boolean> => {
    const found = (await list(wanted)).find((record) => record.recordId === recordId);
    return found !== undefined && isSame(found, wanted) && found.ttl === wanted.ttl;
  };

  return {
    listRecords: list,

    async listRecordsFrom({ domainName, rr }) {
      return (await readLike(domainName, rr)).filter((record) => record.rr === rr || record.rr.endsWith(`.${rr}`));
    },

    listDelegations: async (domainName) => (await read(domainName, { type: 'NS' })).filter(({ rr }) => rr !== '@'),

    async addRecord(record) {
      const { domainName, rr, type, value, ttl, line = 'default' } = record;
      try {
        const fields = { domainName: unicodeName(domainName), RR: rr, type, value, TTL: ttl, line };
        const answer = await call(addDomainRecord, fields);
        return idOf(dnsProduct, addDomainRecord, answer.recordId);
      } catch (error) {
        // There is no client token: a repeated add is told apart by its values only (P-085).
        if (!hasCode(error, ['DomainRecordDuplicate'])) throw error;
        const existing = (await list(record)).find((found) => isSame(found, record));
        if (existing === undefined) throw error;
        return existing.recordId;
      }
    },

    async updateRecord(recordId, record) {
      // An unchanged update is refused (P-088).
      if (await hasValues(recordId, record)) return;
      const { rr, type, value, ttl, line = 'default' } = record;
      try {
        await call(updateDomainRecord, { recordId, RR: rr, type, value, TTL: ttl, line });
      } catch (error) {
        if (!hasCode(error, ['DomainRecordDuplicate']) || !(await hasValues(recordId, record))) throw error;
      }
    },

    async setRemark(recordId, remark) {
      await call(updateDomainRecordRemark, { recordId, remark });
    },

    async setStatus(recordId, status) {
      await call(setDomainRecordStatus, { recordId, status });
    },

    async deleteRecord(recordId) {
      await expecting(['DomainRecordNotBelongToUser'], undefined, () => call(deleteDomainRecord, { recordId }));
    },
  };
};

const isSame = (found: DnsRecord, wanted: NewDnsRecord): boolean => {
  const isName = ['CNAME', 'NS', 'MX'].includes(wanted.type);
  return (
    found.type === wanted.type &&
    found.line === (wanted.line ?? 'default') &&
    (isName ? sameName(found.value, wanted.value) : found.value === wanted.value)
  );
};
