import { CreateVSwitchRequest } from '@alicloud/vpc20160428/dist/models/CreateVswitchRequest.js';
import { CreateVSwitchResponseBody } from '@alicloud/vpc20160428/dist/models/CreateVswitchResponseBody.js';
import { DeleteVSwitchRequest } from '@alicloud/vpc20160428/dist/models/DeleteVswitchRequest.js';
import { DescribeVSwitchesRequest } from '@alicloud/vpc20160428/dist/models/DescribeVswitchesRequest.js';
import { DescribeVSwitchesResponseBody } from '@alicloud/vpc20160428/dist/models/DescribeVswitchesResponseBody.js';
import { ModifyVSwitchAttributeRequest } from '@alicloud/vpc20160428/dist/models/ModifyVswitchAttributeRequest.js';
import { type Call, idOf } from '../call.ts';
import { expecting } from '../cloud-error.ts';
import { normalCidr } from '../../net/cidr.ts';
import { numberedPages } from '../pages.ts';
import { vpcProduct } from '../products.ts';
import { matches, readTags, type Tags, wireTags } from '../tags.ts';

export interface VSwitch {
  vSwitchId: string;
  vpcId: string;
  zoneId: string;
  name: string;
  /** `Pending`, `Available`. */
  status: string;
  cidrBlock: string;
  /** Empty without IPv6. */
  ipv6CidrBlock: string;
  availableIpAddressCount: number;
  tags: Tags;
}

export interface NewVSwitch {
  vpcId: string;
  zoneId: string;
  cidrBlock: string;
  /** 0 to 255, unique in the VPC: the byte that makes the /64 out of the VPC's /56. */
  ipv6SubnetIndex: number;
  name: string;
  tags: Tags;
  clientToken: string;
}

export interface VSwitches {
  findVSwitch(vSwitchId: string): Promise<VSwitch | undefined>;
  listVSwitches(filter: { vpcId?: string | undefined; tags?: Tags | undefined }): Promise<VSwitch[]>;
  createVSwitch(vSwitch: NewVSwitch): Promise<string>;
  /** `OperationFailed.Ipv6AlreadyEnabled` counts as done. */
  enableVSwitchIpv6(vSwitchId: string, ipv6SubnetIndex: number): Promise<void>;
  /** A vSwitch that is not there counts as deleted. */
  /** @returns false where something still uses IPv6 in it. */
  disableVSwitchIpv6(vSwitchId: string): Promise<boolean>;
  deleteVSwitch(vSwitchId: string): Promise<void>;
}

const createVSwitch = { name: 'CreateVSwitch', request: CreateVSwitchRequest, answer: CreateVSwitchResponseBody };
const deleteVSwitch = { name: 'DeleteVSwitch', request: DeleteVSwitchRequest };
const describeVSwitches = {
  name: 'DescribeVSwitches',
  request: DescribeVSwitchesRequest,
  answer: DescribeVSwitchesResponseBody,
};
const modifyVSwitchAttribute = { name: 'ModifyVSwitchAttribute', request: ModifyVSwitchAttributeRequest };

/** Spelt InvalidVswitchID.NotFound too (P-030). The other one is the answer of the authentication (META-VPC). */
const notFound = ['InvalidVSwitchId.NotFound', 'IncorrectVSwitchId'];

export const vSwitches = (call: Call): VSwitches => {
  const list = async (filter: {
    vSwitchId?: string;
    vpcId?: string | undefined;
    tags?: Tags | undefined;
  }): Promise<VSwitch[]> => {
    const rows = await numberedPages(50, async (paging) => {
      const { tags, ...ids } = filter;
      const answer = await call(describeVSwitches, { ...ids, tag: wireTags(tags), ...paging });
      return { rows: answer.vSwitches?.vSwitch, totalCount: answer.totalCount };
    });
    return rows
      .map((row) => ({
        vSwitchId: row.vSwitchId ?? '',
        vpcId: row.vpcId ?? '',
        zoneId: row.zoneId ?? '',
        name: row.vSwitchName ?? '',
        status: row.status ?? '',
        cidrBlock: normalCidr(row.cidrBlock ?? ''),
        ipv6CidrBlock: normalCidr(row.ipv6CidrBlock ?? ''),
        availableIpAddressCount: row.availableIpAddressCount ?? 0,
        tags: readTags(row.tags?.tag),
      }))
      .filter((row) => matches(row, filter.tags));
  };

  return {
    async findVSwitch(vSwitchId) {
      const found = await expecting(notFound, [], () => list({ vSwitchId }));
      return found.find((vSwitch) => vSwitch.vSwitchId === vSwitchId);
    },

    async listVSwitches({ vpcId, tags }) {
      const found = await list({ vpcId, tags });
      return found.filter((vSwitch) => vpcId === undefined || vSwitch.vpcId === vpcId);
    },

    async createVSwitch({ vpcId, zoneId, cidrBlock, ipv6SubnetIndex, name, tags, clientToken }) {
      const answer = await call(createVSwitch, {
        vpcId,
        zoneId,
        cidrBlock,
        ipv6CidrBlock: ipv6SubnetIndex,
        vSwitchName: name,
        tag: wireTags(tags),
        clientToken,
      });
      return idOf(vpcProduct, createVSwitch, answer.vSwitchId);
    },

    async enableVSwitchIpv6(vSwitchId, ipv6SubnetIndex) {
      await expecting(['OperationFailed.Ipv6AlreadyEnabled'], undefined, () =>
        call(modifyVSwitchAttribute, { vSwitchId, enableIPv6: true, ipv6CidrBlock: ipv6SubnetIndex }),
      );
    },

    async disableVSwitchIpv6(vSwitchId) {
      return await expecting(['OperationFailed.Ipv6InstanceExist'], false, async () => {
        await expecting(['OperationFailed.IPv6Disabled'], undefined, () =>
          call(modifyVSwitchAttribute, { vSwitchId, enableIPv6: false }),
        );
        return true;
      });
    },

    async deleteVSwitch(vSwitchId) {
      await expecting(notFound, undefined, () => call(deleteVSwitch, { vSwitchId }));
    },
  };
};
