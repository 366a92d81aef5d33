import { AssignIpv6AddressesRequest } from '@alicloud/ecs20140526/dist/models/AssignIpv6addressesRequest.js';
import { AssignIpv6AddressesResponseBody } from '@alicloud/ecs20140526/dist/models/AssignIpv6addressesResponseBody.js';
import { DeleteInstancesRequest } from '@alicloud/ecs20140526/dist/models/DeleteInstancesRequest.js';
import { DescribeInstancesRequest } from '@alicloud/ecs20140526/dist/models/DescribeInstancesRequest.js';
import { DescribeInstancesResponseBody } from '@alicloud/ecs20140526/dist/models/DescribeInstancesResponseBody.js';
import { RunInstancesRequest } from '@alicloud/ecs20140526/dist/models/RunInstancesRequest.js';
import { RunInstancesResponseBody } from '@alicloud/ecs20140526/dist/models/RunInstancesResponseBody.js';
import { StartInstanceRequest } from '@alicloud/ecs20140526/dist/models/StartInstanceRequest.js';
import { StopInstanceRequest } from '@alicloud/ecs20140526/dist/models/StopInstanceRequest.js';
import { type Call, idOf } from '../call.ts';
import { expecting, hasCode } from '../cloud-error.ts';
import { derivedToken } from '../derived-token.ts';
import { batches, tokenPages } from '../pages.ts';
import { ecsProduct } from '../products.ts';
import type { Fields } from '../sdk-models.ts';
import { matches, readTags, type Tags, wireTags } from '../tags.ts';
import { addressesOf } from './network-interfaces.ts';

export type { NetworkInterface } from './network-interfaces.ts';

export interface Instance {
  instanceId: string;
  name: string;
  /** `Pending`, `Starting`, `Running`, `Stopping`, `Stopped`. */
  status: string;
  instanceType: string;
  zoneId: string;
  vpcId: string;
  vSwitchId: string;
  securityGroupIds: string[];
  /** Empty until the instance has one. */
  privateIpAddress: string;
  ipv6Addresses: string[];
  /** The primary one; empty until the instance has it. */
  networkInterfaceId: string;
  tags: Tags;
}

export interface NewInstance {
  imageFamily: string;
  instanceType: string;
  vSwitchId: string;
  securityGroupIds: string[];
  name: string;
  description?: string | undefined;
  /** 0 to 10; default 0. */
  ipv6AddressCount?: number | undefined;
  /** Plain text, at most 32 KB. */
  userData?: string | undefined;
  systemDisk?:
    | {
        category?: string | undefined;
        sizeGib?: number | undefined;
        encrypted?: boolean | undefined;
        kmsKeyId?: string | undefined;
      }
    | undefined;
  /** `required`: the instance gives its metadata to holders of a token only. The service's default: `optional`. */
  httpTokens?: 'optional' | 'required' | undefined;
  /** Mbit/s; default 0, which gives no public IPv4 address. */
  internetMaxBandwidthOut?: number | undefined;
  tags: Tags;
  clientToken: string;
  dryRun?: boolean | undefined;
}

export interface Instances {
  listInstances(filter: {
    instanceIds?: string[] | undefined;
    tags?: Tags | undefined;
    vpcId?: string | undefined;
  }): Promise<Instance[]>;
  /** Starts one instance. @returns its id; an empty list for a passed dry run. */
  runInstances(instance: NewInstance): Promise<string[]>;
  /** Adds one address. Without the same token a repeat adds another: read the addresses first. */
  assignIpv6Address(networkInterfaceId: string, clientToken: string): Promise<string[]>;
  /** Deletes also while running. Instances that are not there count as deleted. */
  deleteInstances(instanceIds: string[], clientToken: string): Promise<void>;
  /** Keeps the stock and the addresses (and the bill). An instance that stops or has stopped counts as done. */
  stopInstance(instanceId: string): Promise<void>;
  /** An instance that starts or runs counts as done. */
  startInstance(instanceId: string): Promise<void>;
}

const assignIpv6Addresses = {
  name: 'AssignIpv6Addresses',
  request: AssignIpv6AddressesRequest,
  answer: AssignIpv6AddressesResponseBody,
};
const deleteInstances = { name: 'DeleteInstances', request: DeleteInstancesRequest };
const describeInstances = {
  name: 'DescribeInstances',
  request: DescribeInstancesRequest,
  answer: DescribeInstancesResponseBody,
};
const runInstances = { name: 'RunInstances', request: RunInstancesRequest, answer: RunInstancesResponseBody };
const startInstance = { name: 'StartInstance', request: StartInstanceRequest };
const stopInstance = { name: 'StopInstance', request: StopInstanceRequest };

const notFound = ['InvalidInstanceId.NotFound', 'InvalidInstanceIds.NotFound', 'Forbidden.InstanceNotFound'];

export const instances = (call: Call): Instances => {
  const list: Instances['listInstances'] = async ({ instanceIds, tags, vpcId }) => {
    // No ids would mean all instances; more than 100 in one call are refused.
    const idLists = instanceIds === undefined ? [undefined] : batches(instanceIds, 100);
    const found: Instance[] = [];
    for (const ids of idLists) {
      const rows = await tokenPages(async (nextToken) => {
        const answer = await call(describeInstances, {
          instanceIds: ids === undefined ? undefined : JSON.stringify(ids),
          vpcId,
          tag: wireTags(tags),
          maxResults: 100,
          nextToken,
        });
        return { rows: answer.instances?.instance, nextToken: answer.nextToken };
      });
      found.push(...rows.map(readInstance));
    }
    return found.filter(
      (instance) =>
        matches(instance, tags) &&
        (vpcId === undefined || instance.vpcId === vpcId) &&
        (instanceIds === undefined || instanceIds.includes(instance.instanceId)),
    );
  };

  /** Stops or starts; a refusal for the instance's status counts as done where it is as wanted already (P-057). */
  const bringTo = async (instanceId: string, wanted: readonly string[], act: () => Promise<unknown>): Promise<void> => {
    try {
      await act();
    } catch (error) {
      if (!hasCode(error, ['IncorrectInstanceStatus'])) throw error;
      const [instance] = await list({ instanceIds: [instanceId] });
      if (instance === undefined || !wanted.includes(instance.status)) throw error;
    }
  };

  const remove = async (instanceIds: string[], clientToken: string): Promise<void> => {
    if (instanceIds.length === 0) return;
    try {
      await call(deleteInstances, { instanceId: instanceIds, force: true, clientToken });
    } catch (error) {
      if (!hasCode(error, notFound)) throw error;
      // One id that is not there fails the call for all of them (P-054).
      const left = (await list({ instanceIds })).map((instance) => instance.instanceId);
      if (left.length === instanceIds.length) throw error;
      await remove(left, derivedToken(clientToken, ...left));
    }
  };

  return {
    listInstances: list,

    async runInstances(instance) {
      return await expecting(['DryRunOperation'], [], async () => {
        const answer = await call(runInstances, {
          amount: 1,
          imageFamily: instance.imageFamily,
          instanceType: instance.instanceType,
          vSwitchId: instance.vSwitchId,
          securityGroupIds: instance.securityGroupIds,
          instanceName: instance.name,
          description: instance.description,
          ipv6AddressCount: instance.ipv6AddressCount === 0 ? undefined : instance.ipv6AddressCount,
          userData: instance.userData === undefined ? undefined : Buffer.from(instance.userData).toString('base64'),
          systemDisk:
            instance.systemDisk === undefined
              ? undefined
              : {
                  category: instance.systemDisk.category,
                  size: instance.systemDisk.sizeGib?.toString(),
                  encrypted: instance.systemDisk.encrypted?.toString(),
                  KMSKeyId: instance.systemDisk.kmsKeyId,
                },
          internetMaxBandwidthOut: instance.internetMaxBandwidthOut,
          httpTokens: instance.httpTokens,
          tag: wireTags(instance.tags),
          clientToken: instance.clientToken,
          dryRun: instance.dryRun,
        });
        const ids = answer.instanceIdSets?.instanceIdSet ?? [];
        idOf(ecsProduct, runInstances, ids[0]);
        return ids;
      });
    },

    async assignIpv6Address(networkInterfaceId, clientToken) {
      const answer = await call(assignIpv6Addresses, { networkInterfaceId, ipv6AddressCount: 1, clientToken });
      return answer.ipv6Sets?.ipv6Address ?? [];
    },

    async deleteInstances(instanceIds, clientToken) {
      const parts = batches([...new Set(instanceIds)], 100);
      for (const part of parts)
        await remove(part, parts.length === 1 ? clientToken : derivedToken(clientToken, ...part));
    },

    async stopInstance(instanceId) {
      await bringTo(instanceId, ['Stopped', 'Stopping'], () =>
        call(stopInstance, { instanceId, stoppedMode: 'KeepCharging' }),
      );
    },

    async startInstance(instanceId) {
      await bringTo(instanceId, ['Running', 'Starting'], () => call(startInstance, { instanceId }));
    },
  };
};

type WireInstance = NonNullable<NonNullable<Fields<DescribeInstancesResponseBody>['instances']>['instance']>[number];

function readInstance(row: WireInstance): Instance {
  const cards = row.networkInterfaces?.networkInterface ?? [];
  const primary = cards.find((card) => card.type === 'Primary') ?? cards[0];
  return {
    instanceId: row.instanceId ?? '',
    name: row.instanceName ?? '',
    status: row.status ?? '',
    instanceType: row.instanceType ?? '',
    zoneId: row.zoneId ?? '',
    vpcId: row.vpcAttributes?.vpcId ?? '',
    vSwitchId: row.vpcAttributes?.vSwitchId ?? '',
    securityGroupIds: row.securityGroupIds?.securityGroupId ?? [],
    privateIpAddress: row.vpcAttributes?.privateIpAddress?.ipAddress?.[0] ?? '',
    ipv6Addresses: cards.flatMap((card) => addressesOf(card.ipv6Sets?.ipv6Set)),
    networkInterfaceId: primary?.networkInterfaceId ?? '',
    tags: readTags(row.tags?.tag),
  };
}
