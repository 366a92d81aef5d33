import { CreateIpv6GatewayRequest } from '@alicloud/vpc20160428/dist/models/CreateIpv6gatewayRequest.js';
import { CreateIpv6GatewayResponseBody } from '@alicloud/vpc20160428/dist/models/CreateIpv6gatewayResponseBody.js';
import { DeleteIpv6GatewayRequest } from '@alicloud/vpc20160428/dist/models/DeleteIpv6gatewayRequest.js';
import { DescribeIpv6GatewaysRequest } from '@alicloud/vpc20160428/dist/models/DescribeIpv6gatewaysRequest.js';
import { DescribeIpv6GatewaysResponseBody } from '@alicloud/vpc20160428/dist/models/DescribeIpv6gatewaysResponseBody.js';
import { type Call, idOf } from '../call.ts';
import { expecting, hasCode } from '../cloud-error.ts';
import { numberedPages } from '../pages.ts';
import { vpcProduct } from '../products.ts';
import { matches, readTags, type Tags, wireTags } from '../tags.ts';

export interface Ipv6Gateway {
  ipv6GatewayId: string;
  vpcId: string;
  name: string;
  /** `Creating`, `Available`, `Deleting`. */
  status: string;
  /** `Normal`, or locked for an unpaid bill or by a risk check. */
  businessStatus: string;
  tags: Tags;
}

export interface NewIpv6Gateway {
  vpcId: string;
  name: string;
  tags: Tags;
  clientToken: string;
}

export interface Ipv6Gateways {
  /** A VPC has one at most. */
  findIpv6Gateway(filter: { vpcId: string } | { ipv6GatewayId: string }): Promise<Ipv6Gateway | undefined>;
  listIpv6Gateways(filter: { tags: Tags }): Promise<Ipv6Gateway[]>;
  /** Where the VPC has one with these tags already, the id of that one. @throws CloudError `OperationUnsupported.OnlyOneIpv6GatewayInVpc` where the one it has is another's. */
  createIpv6Gateway(gateway: NewIpv6Gateway): Promise<string>;
  /** A gateway that is not there counts as deleted. */
  deleteIpv6Gateway(ipv6GatewayId: string, clientToken: string): Promise<void>;
}

const createIpv6Gateway = {
  name: 'CreateIpv6Gateway',
  request: CreateIpv6GatewayRequest,
  answer: CreateIpv6GatewayResponseBody,
};
const deleteIpv6Gateway = { name: 'DeleteIpv6Gateway', request: DeleteIpv6GatewayRequest };
const describeIpv6Gateways = {
  name: 'DescribeIpv6Gateways',
  request: DescribeIpv6GatewaysRequest,
  answer: DescribeIpv6GatewaysResponseBody,
};

/** (inf) No page lists the code; the first follows the pattern of the product, the others are those of its siblings. */
const notFound = ['ResourceNotFound.Ipv6Gateway', 'InvalidIpv6GatewayId.NotFound', 'InvalidInstanceId.NotFound'];

export const ipv6Gateways = (call: Call): Ipv6Gateways => {
  const list = async (filter: { vpcId?: string; ipv6GatewayId?: string; tags?: Tags }): Promise<Ipv6Gateway[]> => {
    const rows = await numberedPages(50, async (paging) => {
      // The one list of the product whose filter is called Tags (P-025).
      const { tags, ...ids } = filter;
      const answer = await call(describeIpv6Gateways, { ...ids, tags: wireTags(tags), ...paging });
      return { rows: answer.ipv6Gateways?.ipv6Gateway, totalCount: answer.totalCount };
    });
    return rows
      .map((row) => ({
        ipv6GatewayId: row.ipv6GatewayId ?? '',
        vpcId: row.vpcId ?? '',
        name: row.name ?? '',
        status: row.status ?? '',
        businessStatus: row.businessStatus ?? '',
        tags: readTags(row.tags?.tag),
      }))
      .filter((row) => row.ipv6GatewayId !== '' && matches(row, filter.tags));
  };

  const find: Ipv6Gateways['findIpv6Gateway'] = async (filter) =>
    (await list(filter)).find((gateway) =>
      'vpcId' in filter ? gateway.vpcId === filter.vpcId : gateway.ipv6GatewayId === filter.ipv6GatewayId,
    );

  return {
    findIpv6Gateway: find,
    listIpv6Gateways: async ({ tags }) => await list({ tags }),

    async createIpv6Gateway({ vpcId, name, tags, clientToken }) {
      try {
        const answer = await call(createIpv6Gateway, { vpcId, name, tag: wireTags(tags), clientToken });
        return idOf(vpcProduct, createIpv6Gateway, answer.ipv6GatewayId);
      } catch (error) {
        if (!hasCode(error, ['OperationUnsupported.OnlyOneIpv6GatewayInVpc'])) throw error;
        const existing = await find({ vpcId });
        if (existing === undefined || !matches(existing, tags)) throw error;
        return existing.ipv6GatewayId;
      }
    },

    async deleteIpv6Gateway(ipv6GatewayId, clientToken) {
      await expecting(notFound, undefined, () => call(deleteIpv6Gateway, { ipv6GatewayId, clientToken }));
    },
  };
};
