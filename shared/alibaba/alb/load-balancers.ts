import { CreateLoadBalancerRequest } from '@alicloud/alb20200616/dist/models/CreateLoadBalancerRequest.js';
import { CreateLoadBalancerResponseBody } from '@alicloud/alb20200616/dist/models/CreateLoadBalancerResponseBody.js';
import { DeleteLoadBalancerRequest } from '@alicloud/alb20200616/dist/models/DeleteLoadBalancerRequest.js';
import { DescribeZonesRequest } from '@alicloud/alb20200616/dist/models/DescribeZonesRequest.js';
import { DescribeZonesResponseBody } from '@alicloud/alb20200616/dist/models/DescribeZonesResponseBody.js';
import { DisableDeletionProtectionRequest } from '@alicloud/alb20200616/dist/models/DisableDeletionProtectionRequest.js';
import { DisableLoadBalancerIpv6InternetRequest } from '@alicloud/alb20200616/dist/models/DisableLoadBalancerIpv6internetRequest.js';
import { EnableDeletionProtectionRequest } from '@alicloud/alb20200616/dist/models/EnableDeletionProtectionRequest.js';
import { EnableLoadBalancerIpv6InternetRequest } from '@alicloud/alb20200616/dist/models/EnableLoadBalancerIpv6internetRequest.js';
import { GetLoadBalancerAttributeRequest } from '@alicloud/alb20200616/dist/models/GetLoadBalancerAttributeRequest.js';
import { GetLoadBalancerAttributeResponseBody } from '@alicloud/alb20200616/dist/models/GetLoadBalancerAttributeResponseBody.js';
import { ListAsynJobsRequest } from '@alicloud/alb20200616/dist/models/ListAsynJobsRequest.js';
import { ListAsynJobsResponseBody } from '@alicloud/alb20200616/dist/models/ListAsynJobsResponseBody.js';
import { ListLoadBalancersRequest } from '@alicloud/alb20200616/dist/models/ListLoadBalancersRequest.js';
import { ListLoadBalancersResponseBody } from '@alicloud/alb20200616/dist/models/ListLoadBalancersResponseBody.js';
import { UpdateLoadBalancerZonesRequest } from '@alicloud/alb20200616/dist/models/UpdateLoadBalancerZonesRequest.js';
import { UpdateLoadBalancerAddressTypeConfigRequest } from '@alicloud/alb20200616/dist/models/UpdateLoadBalancerAddressTypeConfigRequest.js';
import { UpdateLoadBalancerAttributeRequest } from '@alicloud/alb20200616/dist/models/UpdateLoadBalancerAttributeRequest.js';
import { UpdateLoadBalancerEditionRequest } from '@alicloud/alb20200616/dist/models/UpdateLoadBalancerEditionRequest.js';
import { type Call, idOf } from '../call.ts';
import { expecting } from '../cloud-error.ts';
import { tokenPages } from '../pages.ts';
import { albProduct } from '../products.ts';
import type { Fields } from '../sdk-models.ts';
import { normalAddress } from '../../net/cidr.ts';
import { matches, readTags, type Tags, wireTags } from '../tags.ts';

export interface LoadBalancerZone {
  zoneId: string;
  vSwitchId: string;
  /** `Active`, `Stopped`, `Shifted`, `Starting`, `Stopping`; empty where the service does not say. */
  status: string;
  /** `Healthy`, `Unhealthy`; empty where the service does not say, as of a zone that is not Active. */
  ipv4Health: string;
  ipv6Health: string;
  /** The address that clients reach (public for an Internet load balancer); empty until there. */
  ipv4Address: string;
  ipv6Address: string;
  /** Addresses from which the load balancer talks to its backend servers. */
  ipv4LocalAddresses: string[];
  ipv6LocalAddresses: string[];
}

export interface LoadBalancer {
  loadBalancerId: string;
  name: string;
  /** `Provisioning`, `Active`, `Configuring`, `Inactive`, `CreateFailed`, `Deleting`. */
  status: string;
  /** `Normal`, `Abnormal`. */
  businessStatus: string;
  /** `Internet`, `Intranet`: of IPv4. */
  addressType: string;
  addressIpVersion: 'IPv4' | 'DualStack';
  /** `Internet`, `Intranet`; empty without IPv6. */
  ipv6AddressType: string;
  dnsName: string;
  /** `Basic`, `Standard`, `StandardWithWaf`. */
  edition: string;
  deletionProtection: boolean;
  vpcId: string;
  /** Without addresses in answers of `listLoadBalancers`. */
  zones: LoadBalancerZone[];
  tags: Tags;
}

export interface NewLoadBalancer {
  name: string;
  vpcId: string;
  addressType: 'Internet' | 'Intranet';
  /** Default `DualStack`; cannot be changed later. */
  addressIpVersion?: 'IPv4' | 'DualStack' | undefined;
  edition: 'Basic' | 'Standard' | 'StandardWithWaf';
  /** Two or more. */
  zones: { zoneId: string; vSwitchId: string }[];
  deletionProtection?: boolean | undefined;
  tags: Tags;
  clientToken: string;
  dryRun?: boolean | undefined;
}

export interface LoadBalancers {
  /** Zones of the region that offer ALB. */
  listZoneIds(): Promise<string[]>;
  countLoadBalancers(): Promise<number>;
  findLoadBalancer(loadBalancerId: string): Promise<LoadBalancer | undefined>;
  listLoadBalancers(filter: { tags: Tags }): Promise<LoadBalancer[]>;
  /** @returns its id; the empty string for a passed dry run. */
  createLoadBalancer(loadBalancer: NewLoadBalancer): Promise<string>;
  /** Why its creation failed, in the service's words; undefined where no failed job is known. */
  failureReason(loadBalancerId: string): Promise<string | undefined>;
  /** Done when `ipv6AddressType` is `Internet`; a load balancer that has it already raises no error. */
  enableIpv6Internet(loadBalancerId: string, clientToken: string): Promise<void>;
  disableIpv6Internet(loadBalancerId: string, clientToken: string): Promise<void>;
  /**
   * The zones that it is to have replace those that it has; one that stays keeps its vSwitch and addresses. Done when it is
   * Active again. Those that it has already raise no error.
   */
  updateZones(
    loadBalancerId: string,
    zones: { zoneId: string; vSwitchId: string }[],
    clientToken: string,
  ): Promise<void>;
  setDeletionProtection(loadBalancerId: string, isOn: boolean, clientToken: string): Promise<void>;
  rename(loadBalancerId: string, name: string, clientToken: string): Promise<void>;
  /** Upwards only: from Basic to Standard to StandardWithWaf. The edition that it has already raises no error. */
  upgrade(loadBalancerId: string, edition: NewLoadBalancer['edition'], clientToken: string): Promise<void>;
  /**
   * Makes the IPv4 side public or private. Public addresses are allocated by the service, as at creation: the page asks for
   * addresses of one's own, the vendor's Terraform provider sends none. The type that it has already raises no error.
   */
  setAddressType(loadBalancerId: string, type: NewLoadBalancer['addressType'], clientToken: string): Promise<void>;
  /** A load balancer that is not there counts as deleted. */
  deleteLoadBalancer(loadBalancerId: string, clientToken: string): Promise<void>;
}

const createLoadBalancer = {
  name: 'CreateLoadBalancer',
  request: CreateLoadBalancerRequest,
  answer: CreateLoadBalancerResponseBody,
};
const deleteLoadBalancer = { name: 'DeleteLoadBalancer', request: DeleteLoadBalancerRequest };
const describeZones = { name: 'DescribeZones', request: DescribeZonesRequest, answer: DescribeZonesResponseBody };
const disableDeletionProtection = { name: 'DisableDeletionProtection', request: DisableDeletionProtectionRequest };
const disableIpv6Internet = {
  name: 'DisableLoadBalancerIpv6Internet',
  request: DisableLoadBalancerIpv6InternetRequest,
};
const enableDeletionProtection = { name: 'EnableDeletionProtection', request: EnableDeletionProtectionRequest };
const enableIpv6Internet = { name: 'EnableLoadBalancerIpv6Internet', request: EnableLoadBalancerIpv6InternetRequest };
const getLoadBalancerAttribute = {
  name: 'GetLoadBalancerAttribute',
  request: GetLoadBalancerAttributeRequest,
  answer: GetLoadBalancerAttributeResponseBody,
};
const listAsynJobs = { name: 'ListAsynJobs', request: ListAsynJobsRequest, answer: ListAsynJobsResponseBody };
const listLoadBalancers = {
  name: 'ListLoadBalancers',
  request: ListLoadBalancersRequest,
  answer: ListLoadBalancersResponseBody,
};

const updateLoadBalancerZones = { name: 'UpdateLoadBalancerZones', request: UpdateLoadBalancerZonesRequest };
const updateLoadBalancerAddressType = {
  name: 'UpdateLoadBalancerAddressTypeConfig',
  request: UpdateLoadBalancerAddressTypeConfigRequest,
};
const updateLoadBalancerAttribute = {
  name: 'UpdateLoadBalancerAttribute',
  request: UpdateLoadBalancerAttributeRequest,
};
const updateLoadBalancerEdition = { name: 'UpdateLoadBalancerEdition', request: UpdateLoadBalancerEditionRequest };

const notFound = ['ResourceNotFound.LoadBalancer'];

export const loadBalancers = (call: Call): LoadBalancers => ({
  async listZoneIds() {
    const answer = await call(describeZones, {});
    return (answer.zones ?? []).flatMap(({ zoneId }) => (zoneId === undefined ? [] : [zoneId]));
  },

  async countLoadBalancers() {
    const answer = await call(listLoadBalancers, { maxResults: 1 });
    return answer.totalCount ?? 0;
  },

  async findLoadBalancer(loadBalancerId) {
    const found = await expecting(notFound, undefined, () => call(getLoadBalancerAttribute, { loadBalancerId }));
    return found?.loadBalancerId === loadBalancerId ? readLoadBalancer(found) : undefined;
  },

  async listLoadBalancers({ tags }) {
    const rows = await tokenPages(async (nextToken) => {
      const answer = await call(listLoadBalancers, { tag: wireTags(tags), maxResults: 100, nextToken });
      return { rows: answer.loadBalancers, nextToken: answer.nextToken };
    });
    return rows.map(readLoadBalancer).filter((loadBalancer) => matches(loadBalancer, tags));
  },

  async createLoadBalancer(loadBalancer) {
    return await expecting(['DryRunOperation'], '', async () => {
      const answer = await call(createLoadBalancer, {
        loadBalancerName: loadBalancer.name,
        vpcId: loadBalancer.vpcId,
        addressType: loadBalancer.addressType,
        addressIpVersion: loadBalancer.addressIpVersion ?? 'DualStack',
        loadBalancerEdition: loadBalancer.edition,
        loadBalancerBillingConfig: { payType: 'PostPay' },
        zoneMappings: loadBalancer.zones,
        deletionProtectionEnabled: loadBalancer.deletionProtection,
        tag: wireTags(loadBalancer.tags),
        clientToken: loadBalancer.clientToken,
        dryRun: loadBalancer.dryRun,
      });
      return idOf(albProduct, createLoadBalancer, answer.loadBalancerId);
    });
  },

  async failureReason(loadBalancerId) {
    const jobs = await tokenPages(async (nextToken) => {
      const answer = await call(listAsynJobs, {
        resourceIds: [loadBalancerId],
        apiName: 'CreateLoadBalancer',
        maxResults: 100,
        nextToken,
      });
      return { rows: answer.jobs, nextToken: answer.nextToken };
    });
    const failed = jobs.find((job) => job.status === 'Failed' && job.resourceId === loadBalancerId);
    if (failed === undefined) return undefined;
    return (
      [failed.errorCode, failed.errorMessage].filter((part) => part !== undefined && part !== '').join(': ') ||
      'no reason was given'
    );
  },

  async enableIpv6Internet(loadBalancerId, clientToken) {
    await expecting(['OperationDenied.Ipv6InternetInstance'], undefined, () =>
      call(enableIpv6Internet, { loadBalancerId, clientToken }),
    );
  },

  async disableIpv6Internet(loadBalancerId, clientToken) {
    await expecting(['OperationDenied.Ipv6IntranetInstance'], undefined, () =>
      call(disableIpv6Internet, { loadBalancerId, clientToken }),
    );
  },

  async updateZones(loadBalancerId, zones, clientToken) {
    await expecting(['OperationDenied.ZoneMappingsNotChanged'], undefined, () =>
      call(updateLoadBalancerZones, { loadBalancerId, zoneMappings: zones, clientToken }),
    );
  },

  async setDeletionProtection(loadBalancerId, isOn, clientToken) {
    // The one parameter of the product that is called ResourceId (P-065).
    if (isOn) await call(enableDeletionProtection, { resourceId: loadBalancerId, clientToken });
    else await call(disableDeletionProtection, { resourceId: loadBalancerId, clientToken });
  },

  async rename(loadBalancerId, name, clientToken) {
    await call(updateLoadBalancerAttribute, { loadBalancerId, loadBalancerName: name, clientToken });
  },

  async upgrade(loadBalancerId, edition, clientToken) {
    await expecting(['OperationDenied.EditionNotChanged'], undefined, () =>
      call(updateLoadBalancerEdition, { loadBalancerId, loadBalancerEdition: edition, clientToken }),
    );
  },

  async setAddressType(loadBalancerId, type, clientToken) {
    await expecting(['OperationDenied.AddressTypeNotChanged'], undefined, () =>
      call(updateLoadBalancerAddressType, { loadBalancerId, addressType: type, clientToken }),
    );
  },

  async deleteLoadBalancer(loadBalancerId, clientToken) {
    await expecting(notFound, undefined, () => call(deleteLoadBalancer, { loadBalancerId, clientToken }));
  },
});

type ListedLoadBalancer = NonNullable<Fields<ListLoadBalancersResponseBody>['loadBalancers']>[number];
type DetailedLoadBalancer = Fields<GetLoadBalancerAttributeResponseBody>;

const readLoadBalancer = (row: ListedLoadBalancer & Pick<DetailedLoadBalancer, 'zoneMappings'>): LoadBalancer => ({
  loadBalancerId: row.loadBalancerId ?? '',
  name: row.loadBalancerName ?? '',
  status: row.loadBalancerStatus ?? '',
  // Misspelt on the wire (P-064).
  businessStatus: row.loadBalancerBussinessStatus ?? '',
  addressType: row.addressType ?? '',
  // Answered as `Ipv4` and `IPv4`.
  addressIpVersion: row.addressIpVersion?.toLowerCase() === 'dualstack' ? 'DualStack' : 'IPv4',
  ipv6AddressType: row.ipv6AddressType ?? '',
  dnsName: row.DNSName ?? '',
  edition: row.loadBalancerEdition ?? '',
  deletionProtection: row.deletionProtectionConfig?.enabled ?? false,
  vpcId: row.vpcId ?? '',
  zones: (row.zoneMappings ?? []).map((zone) => {
    const addresses = zone.loadBalancerAddresses ?? [];
    const first = (read: (address: (typeof addresses)[number]) => string | undefined): string =>
      addresses.map(read).find((address) => address !== undefined && address !== '') ?? '';
    /** One that fails is worse than others that do not. */
    const health = (said: (string | undefined)[]): string =>
      said.find((one) => one === 'Unhealthy') ?? said.find((one) => one !== undefined) ?? '';
    return {
      zoneId: zone.zoneId ?? '',
      vSwitchId: zone.vSwitchId ?? '',
      status: zone.status ?? '',
      ipv4Health: health(addresses.map((address) => address.intranetAddressHcStatus)),
      ipv6Health: health(addresses.map((address) => address.ipv6AddressHcStatus)),
      ipv4Address: first((address) => address.address),
      ipv6Address: normalAddress(first((address) => address.ipv6Address)),
      ipv4LocalAddresses: addresses.flatMap((address) => address.ipv4LocalAddresses ?? []),
      ipv6LocalAddresses: addresses.flatMap((address) => address.ipv6LocalAddresses ?? []),
    };
  }),
  tags: readTags(row.tags),
});
