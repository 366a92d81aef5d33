import { errorTable } from '../action.ts';

/**
 * Sources: U-DNSADD, U-DNSUPD = mirrors of the vendor's AddDomainRecord and UpdateDomainRecord pages, U-DNSERR2 = the vendor's page on
 * adding domains, GH-* = answers of the real service quoted in public issues, LIST = codes that public clients handle
 * after the vendor's list (https://api.aliyun.com/document/Alidns/2015-01-09/errorCode); their messages are in our words.
 */
export const refuse = errorTable({
  'InvalidDomainName.NoExist': {
    status: 400,
    message: 'The specified domain name does not exist. Refresh the page and try again.',
    source: 'GH-jeessy2/ddns-go#1433',
  },
  'InvalidDomainName.Duplicate': { status: 400, message: 'The domain name already exists.', source: 'U-DNSERR2' },
  'InvalidDomainName.Format': { status: 400, message: 'The domain name format is incorrect.', source: 'LIST' },
  'InvalidDomainName.Unregistered': { status: 400, message: 'The domain name is not registered.', source: 'U-DNSERR2' },
  DomainAddedByOthers: {
    status: 400,
    message: 'The domain name has been added by another account.',
    source: 'U-DNSERR2',
  },
  DomainRecordDuplicate: { status: 400, message: 'The domain record is duplicated.', source: 'U-DNSADD, U-DNSUPD' },
  DomainRecordConflict: {
    status: 400,
    message: 'The domain record is conflict with other records.',
    source: 'U-DNSADD, U-DNSUPD',
  },
  DomainRecordNotBelongToUser: {
    status: 400,
    message: 'The domain record does not belong to this user.',
    source: 'U-DNSUPD',
  },
  DomainRecordLocked: { status: 400, message: 'The domain record has been locked.', source: 'U-DNSUPD' },
  'QuotaExceeded.Record': {
    status: 400,
    message: "You can't add this domain record because the number of records has reached its maximum.",
    source: 'U-DNSADD',
  },
  'QuotaExceeded.TTL': {
    status: 400,
    message: 'The specified TTL is invalid.',
    source: 'GH-jeessy2/ddns-go#280: "A valid TTL must be in the range of 600 to 86400."',
  },
  'InvalidRR.Format': { status: 400, message: 'The format of the host record is incorrect.', source: 'LIST' },
  'InvalidRR.AValue': { status: 400, message: 'The value of the A record is not an IPv4 address.', source: 'LIST' },
  'InvalidRR.AAAAValue': {
    status: 400,
    message: 'The value of the AAAA record is not an IPv6 address.',
    source: 'LIST',
  },
  'InvalidRR.MXValue': { status: 400, message: 'The value of the MX record is not a domain name.', source: 'LIST' },
  'InvalidRR.NSValue': { status: 400, message: 'The value of the NS record is not a domain name.', source: 'LIST' },
  'InvalidRR.CNAMEValue': {
    status: 400,
    message: 'The value of the CNAME record is not a domain name.',
    source: 'inf: same pattern as InvalidRR.NSValue',
  },
  'SubDomainInvalid.RR': {
    status: 400,
    message: 'The host record is invalid.',
    source: 'GH-DNSControl/dnscontrol#4787; the message is in our words',
  },
  'SubDomainInvalid.Type': { status: 400, message: 'The type of the record is not supported.', source: 'LIST' },
  'SubDomainInvalid.Line': { status: 400, message: 'The resolution line does not exist.', source: 'LIST' },
  'SubDomainInvalid.Priority': {
    status: 400,
    message: 'The priority of an MX record must be between 1 and 50.',
    source: 'LIST',
  },
  'SubDomainInvalid.Value': {
    status: 400,
    message: 'The subdomain is not a name under the domain, or the value of the record is invalid.',
    source: 'GH-DNSControl/dnscontrol#4424 for values; inf for names: same pattern as SubDomainInvalid.Type',
  },
});
