import { DescribeNetworkInterfacesRequest } from '@alicloud/ecs20140526/dist/models/DescribeNetworkInterfacesRequest.js';
import { DescribeNetworkInterfacesResponseBody } from '@alicloud/ecs20140526/dist/models/DescribeNetworkInterfacesResponseBody.js';
import { normalAddress } from '../../net/cidr.ts';
import type { Call } from '../call.ts';
import { tokenPages } from '../pages.ts';
import { readTags, type Tags } from '../tags.ts';

export interface NetworkInterface {
  networkInterfaceId: string;
  status: string;
  /** `Primary`, `Secondary`. */
  type: string;
  description: string;
  /** Made and held by another product, such as an ALB. */
  serviceManaged: boolean;
  vpcId: string;
  vSwitchId: string;
  /** Empty where none holds it. */
  instanceId: string;
  privateIpAddress: string;
  ipv6Addresses: string[];
  tags: Tags;
}

export interface NetworkInterfaces {
  listNetworkInterfaces(filter: {
    vpcId?: string | undefined;
    vSwitchId?: string | undefined;
    instanceId?: string | undefined;
    serviceManaged?: boolean | undefined;
  }): Promise<NetworkInterface[]>;
}

const describeNetworkInterfaces = {
  name: 'DescribeNetworkInterfaces',
  request: DescribeNetworkInterfacesRequest,
  answer: DescribeNetworkInterfacesResponseBody,
};

export const networkInterfaces = (call: Call): NetworkInterfaces => ({
  async listNetworkInterfaces(filter) {
    const rows = await tokenPages(async (nextToken) => {
      const answer = await call(describeNetworkInterfaces, { ...filter, maxResults: 100, nextToken });
      return { rows: answer.networkInterfaceSets?.networkInterfaceSet, nextToken: answer.nextToken };
    });
    return rows
      .map((row) => ({
        networkInterfaceId: row.networkInterfaceId ?? '',
        status: row.status ?? '',
        type: row.type ?? '',
        description: row.description ?? '',
        serviceManaged: row.serviceManaged ?? false,
        vpcId: row.vpcId ?? '',
        vSwitchId: row.vSwitchId ?? '',
        instanceId: row.instanceId ?? '',
        privateIpAddress: row.privateIpAddress ?? '',
        ipv6Addresses: addressesOf(row.ipv6Sets?.ipv6Set),
        tags: readTags(row.tags?.tag),
      }))
      .filter(
        (row) =>
          (filter.vpcId === undefined || row.vpcId === filter.vpcId) &&
          (filter.vSwitchId === undefined || row.vSwitchId === filter.vSwitchId) &&
          (filter.instanceId === undefined || row.instanceId === filter.instanceId) &&
          (filter.serviceManaged === undefined || row.serviceManaged === filter.serviceManaged),
      );
  },
});

/** The IPv6 addresses of a network card, empty entries left out. */
export const addressesOf = (sets: { ipv6Address?: string | undefined }[] | undefined): string[] =>
  (sets ?? []).flatMap(({ ipv6Address }) =>
    ipv6Address === undefined || ipv6Address === '' ? [] : [normalAddress(ipv6Address)],
  );
