import { CreateVpcRequest } from '@alicloud/vpc20160428/dist/models/CreateVpcRequest.js';
import { CreateVpcResponseBody } from '@alicloud/vpc20160428/dist/models/CreateVpcResponseBody.js';
import { DeleteVpcRequest } from '@alicloud/vpc20160428/dist/models/DeleteVpcRequest.js';
import { DescribeVpcAttributeRequest } from '@alicloud/vpc20160428/dist/models/DescribeVpcAttributeRequest.js';
import { DescribeVpcAttributeResponseBody } from '@alicloud/vpc20160428/dist/models/DescribeVpcAttributeResponseBody.js';
import { DescribeVpcsRequest } from '@alicloud/vpc20160428/dist/models/DescribeVpcsRequest.js';
import { DescribeVpcsResponseBody } from '@alicloud/vpc20160428/dist/models/DescribeVpcsResponseBody.js';
import { ModifyVpcAttributeRequest } from '@alicloud/vpc20160428/dist/models/ModifyVpcAttributeRequest.js';
import { normalCidr } from '../../net/cidr.ts';
import { type Call, idOf } from '../call.ts';
import { expecting } from '../cloud-error.ts';
import { numberedPages } from '../pages.ts';
import { vpcProduct } from '../products.ts';
import { matches, readTags, type Tags, wireTags } from '../tags.ts';

export interface Vpc {
  vpcId: string;
  name: string;
  /** `Pending`, `Available`. */
  status: string;
  cidrBlock: string;
  /** Empty without IPv6. */
  ipv6CidrBlock: string;
  ipv6Enabled: boolean;
  tags: Tags;
  /** What else lives in the VPC and may block its deletion; only `findVpc` fills it. */
  cloudResources: { type: string; count: number }[];
}

export interface NewVpc {
  name: string;
  cidrBlock: string;
  description?: string | undefined;
  tags: Tags;
  clientToken: string;
  dryRun?: boolean | undefined;
}

export interface Vpcs {
  findVpc(vpcId: string): Promise<Vpc | undefined>;
  listVpcs(filter?: { tags?: Tags | undefined }): Promise<Vpc[]>;
  /** Creates a VPC with IPv6 on. @returns its id; the empty string for a passed dry run. */
  createVpc(vpc: NewVpc): Promise<string>;
  enableVpcIpv6(vpcId: string): Promise<void>;
  /** @returns false where something still uses IPv6 in it. */
  disableVpcIpv6(vpcId: string): Promise<boolean>;
  /** A VPC that is not there counts as deleted. */
  deleteVpc(vpcId: string, clientToken: string): Promise<void>;
}

const createVpc = { name: 'CreateVpc', request: CreateVpcRequest, answer: CreateVpcResponseBody };
const deleteVpc = { name: 'DeleteVpc', request: DeleteVpcRequest };
const describeVpcAttribute = {
  name: 'DescribeVpcAttribute',
  request: DescribeVpcAttributeRequest,
  answer: DescribeVpcAttributeResponseBody,
};
const describeVpcs = { name: 'DescribeVpcs', request: DescribeVpcsRequest, answer: DescribeVpcsResponseBody };
const modifyVpcAttribute = { name: 'ModifyVpcAttribute', request: ModifyVpcAttributeRequest };

const notFound = ['InvalidVpcId.NotFound', 'InvalidVpc.NotFound', 'InvalidResource.NotFound', 'Forbidden.VpcNotFound'];

export const vpcs = (call: Call): Vpcs => ({
  async findVpc(vpcId) {
    const found = await expecting(notFound, undefined, () => call(describeVpcAttribute, { vpcId }));
    // A deleted VPC may also be answered with 200 and an empty id (P-029).
    if (found?.vpcId !== vpcId || vpcId === '') return undefined;
    return {
      ...readVpc(found),
      cloudResources: (found.cloudResources?.cloudResourceSetType ?? []).map((resource) => ({
        type: resource.resourceType ?? '',
        count: resource.resourceCount ?? 0,
      })),
    };
  },

  async listVpcs(filter = {}) {
    const rows = await numberedPages(50, async (paging) => {
      const answer = await call(describeVpcs, { tag: wireTags(filter.tags), ...paging });
      return { rows: answer.vpcs?.vpc, totalCount: answer.totalCount };
    });
    return rows.map(readVpc).filter((vpc) => matches(vpc, filter.tags));
  },

  async createVpc({ name, cidrBlock, description, tags, clientToken, dryRun }) {
    return await expecting(['DryRunOperation'], '', async () => {
      const answer = await call(createVpc, {
        vpcName: name,
        cidrBlock,
        description,
        enableIpv6: true,
        tag: wireTags(tags),
        clientToken,
        dryRun,
      });
      return idOf(vpcProduct, createVpc, answer.vpcId);
    });
  },

  async enableVpcIpv6(vpcId) {
    await call(modifyVpcAttribute, { vpcId, enableIPv6: true });
  },

  async disableVpcIpv6(vpcId) {
    const inUse = ['OperationFailed.Ipv6GatewayInUse', 'OperationFailed.IpV6VSwitchInuse'];
    return await expecting(inUse, false, async () => {
      await call(modifyVpcAttribute, { vpcId, enableIPv6: false });
      return true;
    });
  },

  async deleteVpc(vpcId, clientToken) {
    await expecting(notFound, undefined, () => call(deleteVpc, { vpcId, clientToken }));
  },
});

/** What DescribeVpcs and DescribeVpcAttribute have in common. */
const readVpc = (vpc: {
  vpcId?: string | undefined;
  vpcName?: string | undefined;
  status?: string | undefined;
  cidrBlock?: string | undefined;
  ipv6CidrBlock?: string | undefined;
  enabledIpv6?: boolean | undefined;
  tags?: { tag?: { key?: string | undefined; value?: string | undefined }[] | undefined } | undefined;
}): Vpc => ({
  vpcId: vpc.vpcId ?? '',
  name: vpc.vpcName ?? '',
  status: vpc.status ?? '',
  cidrBlock: normalCidr(vpc.cidrBlock ?? ''),
  ipv6CidrBlock: normalCidr(vpc.ipv6CidrBlock ?? ''),
  ipv6Enabled: vpc.enabledIpv6 ?? (vpc.ipv6CidrBlock ?? '') !== '',
  tags: readTags(vpc.tags?.tag),
  cloudResources: [],
});
