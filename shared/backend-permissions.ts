import type { Permission, SecurityGroupRule } from './alibaba/ecs/security-groups.ts';
import type { InstanceOutput, VSwitchOutput } from './deployment/outputs.ts';
import { isAdopted } from './deployment/adopted.ts';
import type { Spec } from './deployment/spec.ts';
import { covers } from './net/cidr.ts';
import { normalPortRange } from './net/port-range.ts';
import { normalProtocol, ruleKeyOf } from './rule-key.ts';

/**
 * What the backends must let in: the service ports from the vSwitches, where the load balancer's own addresses are, over
 * IPv4 **and** IPv6 (the tutorial's ICMPv6 rule alone opens no TCP: P-037), ICMPv6 from everywhere, and the request's rules.
 */
export function wantedPermissions(
  spec: Spec,
  vSwitches: Pick<VSwitchOutput, 'cidrBlock' | 'ipv6CidrBlock'>[],
): Permission[] {
  const sources = vSwitches.flatMap(({ cidrBlock, ipv6CidrBlock }) =>
    ipv6CidrBlock === '' ? [cidrBlock] : [cidrBlock, ipv6CidrBlock],
  );
  const ports = [...new Set(spec.backends.map(({ port }) => port))];
  return [
    ...ports.flatMap((port) =>
      sources.map((sourceCidr): Permission => ({ protocol: 'TCP', portRange: `${port}/${port}`, sourceCidr })),
    ),
    { protocol: 'ICMPv6', portRange: '-1/-1', sourceCidr: '::/0', priority: 1 },
    ...spec.securityGroup.rules,
  ];
}

const isAccepting = (rule: SecurityGroupRule): boolean =>
  rule.direction === 'ingress' && rule.policy.toLowerCase() === 'accept' && rule.sourceCidr !== '';

/** Whether it lets in the very same; the priority aside. */
const isAlike = (rule: SecurityGroupRule, wanted: Permission): boolean =>
  isAccepting(rule) && ruleKeyOf(rule) === ruleKeyOf(wanted);

/** Whether it lets in the same from at least the same source. */
const isCovering = (rule: SecurityGroupRule, wanted: Permission): boolean =>
  isAccepting(rule) &&
  normalProtocol(rule.protocol) === normalProtocol(wanted.protocol) &&
  normalPortRange(rule.portRange) === normalPortRange(wanted.portRange) &&
  covers(rule.sourceCidr, wanted.sourceCidr);

const priorityOf = ({ priority = 1 }: Permission): number => priority;

const isSame = (rule: SecurityGroupRule, wanted: Permission): boolean =>
  isAlike(rule, wanted) && rule.priority === priorityOf(wanted);

/** Rules with our mark that nothing in the request asks for: those that others have changed, and those of former backends. */
export const staleRules = (wanted: Permission[], rules: SecurityGroupRule[], markText: string): SecurityGroupRule[] =>
  rules.filter((rule) => rule.description === markText && !wanted.some((permission) => isSame(rule, permission)));

/**
 * Rules with our mark that others have given another priority. It is put right in place: whether the priority makes two
 * rules of one is not known, so the wanted one may count as there already when it is added.
 */
export function shiftedRules(
  wanted: Permission[],
  rules: SecurityGroupRule[],
  markText: string,
): { ruleId: string; priority: number }[] {
  const missing = missingPermissions(wanted, rules, markText);
  return staleRules(wanted, rules, markText).flatMap((rule) => {
    const permission = missing.find((candidate) => isAlike(rule, candidate));
    return permission === undefined ? [] : [{ ruleId: rule.ruleId, priority: priorityOf(permission) }];
  });
}

/**
 * What no rule lets in, the stale ones aside: they will go. Rules of others count, also where they cover more.
 *
 * @param isShared - of rules of other deployments: they count only where they are alike, as then they are handed over.
 */
export function missingPermissions(
  wanted: Permission[],
  rules: SecurityGroupRule[],
  markText: string,
  isShared: (rule: SecurityGroupRule) => boolean = () => false,
): Permission[] {
  const stale = staleRules(wanted, rules, markText);
  const lasting = rules.filter((rule) => !stale.includes(rule));
  const lets = (rule: SecurityGroupRule, permission: Permission): boolean =>
    isAlike(rule, permission) || (!isShared(rule) && isCovering(rule, permission));
  return wanted.filter((permission) => !lasting.some((rule) => lets(rule, permission)));
}

/** Those of the permissions that a rule lets in as they are, the priority aside. */
export const alikeIn = (permissions: Permission[], rules: SecurityGroupRule[]): Permission[] =>
  permissions.filter((permission) => rules.some((rule) => isAlike(rule, permission)));

/** The first group of each adopted instance, where added rules reach it. */
export const adoptedGroupIds = (
  spec: Spec,
  instances: Pick<InstanceOutput, 'instanceId' | 'securityGroupIds'>[],
): string[] => {
  const adopted = new Set(spec.backends.flatMap((backend) => (isAdopted(backend) ? [backend.instanceId] : [])));
  return [
    ...new Set(
      instances
        .filter(({ instanceId }) => adopted.has(instanceId))
        .flatMap(({ securityGroupIds }) => securityGroupIds.slice(0, 1)),
    ),
  ];
};
