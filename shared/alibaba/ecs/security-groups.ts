import { AuthorizeSecurityGroupRequest } from '@alicloud/ecs20140526/dist/models/AuthorizeSecurityGroupRequest.js';
import { CreateSecurityGroupRequest } from '@alicloud/ecs20140526/dist/models/CreateSecurityGroupRequest.js';
import { CreateSecurityGroupResponseBody } from '@alicloud/ecs20140526/dist/models/CreateSecurityGroupResponseBody.js';
import { DeleteSecurityGroupRequest } from '@alicloud/ecs20140526/dist/models/DeleteSecurityGroupRequest.js';
import { DescribeSecurityGroupAttributeRequest } from '@alicloud/ecs20140526/dist/models/DescribeSecurityGroupAttributeRequest.js';
import { DescribeSecurityGroupAttributeResponseBody } from '@alicloud/ecs20140526/dist/models/DescribeSecurityGroupAttributeResponseBody.js';
import { DescribeSecurityGroupsRequest } from '@alicloud/ecs20140526/dist/models/DescribeSecurityGroupsRequest.js';
import { DescribeSecurityGroupsResponseBody } from '@alicloud/ecs20140526/dist/models/DescribeSecurityGroupsResponseBody.js';
import { ModifySecurityGroupRuleRequest } from '@alicloud/ecs20140526/dist/models/ModifySecurityGroupRuleRequest.js';
import { RevokeSecurityGroupRequest } from '@alicloud/ecs20140526/dist/models/RevokeSecurityGroupRequest.js';
import { type Call, idOf } from '../call.ts';
import { expecting, hasCode } from '../cloud-error.ts';
import { derivedToken } from '../derived-token.ts';
import { normalCidr } from '../../net/cidr.ts';
import { normalPortRange } from '../../net/port-range.ts';
import { normalProtocol } from '../../rule-key.ts';
import { batches, tokenPages } from '../pages.ts';
import { ecsProduct } from '../products.ts';
import { matches, readTags, type Tags, wireTags } from '../tags.ts';

export interface SecurityGroup {
  securityGroupId: string;
  vpcId: string;
  name: string;
  description: string;
  /** Made and held by another product, such as the ALB's own group. */
  serviceManaged: boolean;
  tags: Tags;
}

export interface SecurityGroupFilter {
  securityGroupIds?: string[] | undefined;
  vpcId?: string | undefined;
  tags?: Tags | undefined;
  serviceManaged?: boolean | undefined;
}

export interface NewSecurityGroup {
  vpcId: string;
  name: string;
  description?: string | undefined;
  tags: Tags;
  clientToken: string;
}

export interface SecurityGroupRule {
  ruleId: string;
  description: string;
  /** `TCP`, `UDP`, `ICMP`, `ICMPv6`, `GRE`, `ALL`. */
  protocol: string;
  /** `80/80`; `-1/-1` for protocols without ports. */
  portRange: string;
  /** IPv4 or IPv6; empty where the source is a group or a prefix list. */
  sourceCidr: string;
  /** `accept` or `drop`. */
  policy: string;
  /** 1 (first) to 100. */
  priority: number;
  /** `ingress` or `egress`. */
  direction: string;
}

/** An inbound rule to add. */
export interface Permission {
  /** `ICMP` becomes `ICMPv6` for an IPv6 source and the other way round. */
  protocol: 'TCP' | 'UDP' | 'ICMP' | 'ICMPv6' | 'GRE' | 'ALL';
  portRange: string;
  sourceCidr: string;
  description?: string | undefined;
  /** Default `accept`. */
  policy?: 'accept' | 'drop' | undefined;
  /** Default 1. */
  priority?: number | undefined;
}

export interface SecurityGroups {
  listSecurityGroups(filter: SecurityGroupFilter): Promise<SecurityGroup[]>;
  /** Rules of both directions; undefined where the group is gone. */
  getSecurityGroupRules(securityGroupId: string): Promise<SecurityGroupRule[] | undefined>;
  createSecurityGroup(group: NewSecurityGroup): Promise<string>;
  /** A rule that exists already keeps its old description and raises no error: read the rules to know whose they are. */
  authorizeSecurityGroup(securityGroupId: string, permissions: Permission[], clientToken: string): Promise<void>;
  /** What is left out stays. A rule that is not there is left so. */
  changeSecurityGroupRule(
    securityGroupId: string,
    ruleId: string,
    change: { priority?: number; description?: string },
    clientToken: string,
  ): Promise<void>;
  /** Rules that are not there count as revoked. */
  revokeSecurityGroup(securityGroupId: string, ruleIds: string[], clientToken: string): Promise<void>;
  /** A group that is not there counts as deleted. */
  deleteSecurityGroup(securityGroupId: string): Promise<void>;
}

const authorizeSecurityGroup = { name: 'AuthorizeSecurityGroup', request: AuthorizeSecurityGroupRequest };
const createSecurityGroup = {
  name: 'CreateSecurityGroup',
  request: CreateSecurityGroupRequest,
  answer: CreateSecurityGroupResponseBody,
};
const deleteSecurityGroup = { name: 'DeleteSecurityGroup', request: DeleteSecurityGroupRequest };
const describeSecurityGroupAttribute = {
  name: 'DescribeSecurityGroupAttribute',
  request: DescribeSecurityGroupAttributeRequest,
  answer: DescribeSecurityGroupAttributeResponseBody,
};
const describeSecurityGroups = {
  name: 'DescribeSecurityGroups',
  request: DescribeSecurityGroupsRequest,
  answer: DescribeSecurityGroupsResponseBody,
};
const modifySecurityGroupRule = { name: 'ModifySecurityGroupRule', request: ModifySecurityGroupRuleRequest };
const revokeSecurityGroup = { name: 'RevokeSecurityGroup', request: RevokeSecurityGroupRequest };

const groupNotFound = ['InvalidSecurityGroupId.NotFound', 'InvalidSecurityGroup.NotFound'];
/** P-041. */
const ruleNotFound = [
  'InvalidParam.SecurityGroupRuleId',
  'InvalidSecurityGroupRuleId.NotFound',
  'InvalidSecurityGroupRule.RuleNotExist',
  'SecurityGroupRule.NotFound',
];

export const securityGroups = (call: Call): SecurityGroups => {
  const rulesOf = async (securityGroupId: string): Promise<SecurityGroupRule[] | undefined> =>
    await expecting(groupNotFound, undefined, async () => {
      const rows = await tokenPages(async (nextToken) => {
        const answer = await call(describeSecurityGroupAttribute, { securityGroupId, maxResults: 1000, nextToken });
        return { rows: answer.permissions?.permission, nextToken: answer.nextToken };
      });
      return rows.map((row) => ({
        ruleId: row.securityGroupRuleId ?? '',
        description: row.description ?? '',
        protocol: normalProtocol(row.ipProtocol ?? ''),
        portRange: normalPortRange(row.portRange ?? ''),
        sourceCidr: normalCidr(
          (row.sourceCidrIp ?? '') === '' ? (row.ipv6SourceCidrIp ?? '') : (row.sourceCidrIp ?? ''),
        ),
        policy: (row.policy ?? 'accept').toLowerCase(),
        priority: Number(row.priority ?? 1),
        direction: (row.direction ?? 'ingress').toLowerCase(),
      }));
    });

  return {
    async listSecurityGroups({ securityGroupIds, vpcId, tags, serviceManaged }) {
      // No ids would mean all groups; more than 100 in one call are refused.
      const idLists = securityGroupIds === undefined ? [undefined] : batches(securityGroupIds, 100);
      const groups: SecurityGroup[] = [];
      for (const ids of idLists) {
        const rows = await tokenPages(async (nextToken) => {
          const answer = await call(describeSecurityGroups, {
            securityGroupIds: ids === undefined ? undefined : JSON.stringify(ids),
            vpcId,
            serviceManaged,
            tag: wireTags(tags),
            maxResults: 100,
            nextToken,
          });
          return { rows: answer.securityGroups?.securityGroup, nextToken: answer.nextToken };
        });
        for (const row of rows)
          groups.push({
            securityGroupId: row.securityGroupId ?? '',
            vpcId: row.vpcId ?? '',
            name: row.securityGroupName ?? '',
            description: row.description ?? '',
            serviceManaged: row.serviceManaged ?? false,
            tags: readTags(row.tags?.tag),
          });
      }
      return groups.filter(
        (group) =>
          matches(group, tags) &&
          (vpcId === undefined || group.vpcId === vpcId) &&
          (serviceManaged === undefined || group.serviceManaged === serviceManaged) &&
          (securityGroupIds === undefined || securityGroupIds.includes(group.securityGroupId)),
      );
    },

    getSecurityGroupRules: rulesOf,

    async createSecurityGroup({ vpcId, name, description, tags, clientToken }) {
      const answer = await call(createSecurityGroup, {
        vpcId,
        securityGroupName: name,
        description,
        tag: wireTags(tags),
        clientToken,
      });
      return idOf(ecsProduct, createSecurityGroup, answer.securityGroupId);
    },

    async authorizeSecurityGroup(securityGroupId, permissions, clientToken) {
      const wire = distinct(permissions.map(wirePermission));
      for (const [index, part] of batches(wire, 100).entries())
        await call(authorizeSecurityGroup, {
          securityGroupId,
          permissions: part,
          clientToken: index === 0 ? clientToken : derivedToken(clientToken, String(index)),
        });
    },

    async changeSecurityGroupRule(securityGroupId, ruleId, { priority, description }, clientToken) {
      await expecting([...groupNotFound, ...ruleNotFound], undefined, () =>
        call(modifySecurityGroupRule, {
          securityGroupId,
          securityGroupRuleId: ruleId,
          priority: priority?.toString(),
          description,
          clientToken,
        }),
      );
    },

    async revokeSecurityGroup(securityGroupId, ruleIds, clientToken) {
      const revoke = async (ids: readonly string[], token: string): Promise<void> => {
        for (const part of batches(ids, 100))
          await call(revokeSecurityGroup, {
            securityGroupId,
            securityGroupRuleId: part,
            clientToken: part.length === ids.length ? token : derivedToken(token, ...part),
          });
      };
      const wanted = [...new Set(ruleIds)];
      try {
        await revoke(wanted, clientToken);
      } catch (error) {
        if (hasCode(error, groupNotFound)) return;
        if (!hasCode(error, ruleNotFound)) throw error;
        // One id that is not there fails the call for all of them.
        const there = new Set((await rulesOf(securityGroupId))?.map((rule) => rule.ruleId));
        const left = wanted.filter((ruleId) => there.has(ruleId));
        if (left.length === 0) return;
        if (left.length === wanted.length) throw error;
        await revoke(left, derivedToken(clientToken, ...left));
      }
    },

    async deleteSecurityGroup(securityGroupId) {
      await expecting(groupNotFound, undefined, () => call(deleteSecurityGroup, { securityGroupId }));
    },
  };
};

interface WirePermission {
  ipProtocol: string;
  portRange: string;
  sourceCidrIp?: string;
  ipv6SourceCidrIp?: string;
  policy: string;
  priority: string;
  description?: string;
}

/**
 * In the service's own spelling, in which it will answer. The protocol of ICMP follows from the source's family (P-038); the
 * priority is a string (P-045).
 */
function wirePermission({
  protocol,
  portRange,
  sourceCidr,
  description,
  policy,
  priority,
}: Permission): WirePermission {
  const isIpv6 = sourceCidr.includes(':');
  const isIcmp = protocol === 'ICMP' || protocol === 'ICMPv6';
  return {
    ipProtocol: isIcmp ? (isIpv6 ? 'ICMPv6' : 'ICMP') : protocol,
    portRange: normalPortRange(portRange),
    ...(isIpv6 ? { ipv6SourceCidrIp: normalCidr(sourceCidr) } : { sourceCidrIp: normalCidr(sourceCidr) }),
    policy: policy ?? 'accept',
    priority: String(priority ?? 1),
    ...(description === undefined ? {} : { description }),
  };
}

/** Two equal rules in one request are refused (P-040). The first one's description stays. */
const distinct = (permissions: WirePermission[]): WirePermission[] => {
  const byKey = new Map<string, WirePermission>();
  for (const permission of permissions) {
    const { description: _, ...identity } = permission;
    const key = JSON.stringify(identity);
    if (!byKey.has(key)) byKey.set(key, permission);
  }
  return [...byKey.values()];
};
