import { integer, list, struct, text } from '../action.ts';
import { type Ipv4Range, parseIpv4Cidr, rangesOverlap } from '../addresses.ts';
import { refuse } from './errors.ts';

/** Names and descriptions share one rule and differ in length and error code; `max` is in characters. */
export function checkWording(
  value: string | undefined,
  max: number,
  code:
    | 'InvalidVpcName.Malformed'
    | 'InvalidVpcDiscription.Malformed'
    | 'InvalidVSwitchName.Malformed'
    | 'InvalidVSwitchDiscription.Malformed'
    | 'IllegalParam.Name'
    | 'IllegalParam.Description',
): void {
  if (value !== undefined && (value.length > max || /^https?:\/\//.test(value))) throw refuse(code);
}

/** Tags as sent; how many and which are allowed is for `newTags` and `tagFilter` to say, since the codes differ from those of other parameters. */
export const tagsParam = () => list(struct({ Key: text(), Value: text() }), 1000);

export const pageParams = (maxPageSize: number) => ({
  PageNumber: integer(1),
  PageSize: integer(1, maxPageSize),
});

/** One page by number; the lists of VPC have no NextToken. The default of 10 is the service's. */
export function page<T>(
  all: T[],
  params: { PageNumber: number | undefined; PageSize: number | undefined },
): { items: T[]; fields: { PageNumber: number; PageSize: number; TotalCount: number } } {
  const number = params.PageNumber ?? 1;
  const size = params.PageSize ?? 10;
  return {
    items: all.slice((number - 1) * size, number * size),
    fields: { PageNumber: number, PageSize: size, TotalCount: all.length },
  };
}

const reservedRanges = ['100.64.0.0/10', '224.0.0.0/4', '127.0.0.0/8', '169.254.0.0/16'].map(
  (cidr) => parseIpv4Cidr(cidr) as Ipv4Range,
);

/** Whether a VPC or vSwitch must not lie there. Source: SDK-VPC, CreateVpc and CreateVSwitch. */
export const isReservedRange = (range: Ipv4Range): boolean =>
  reservedRanges.some((reserved) => rangesOverlap(reserved, range));
