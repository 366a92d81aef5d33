import type { Permission } from '../../shared/alibaba/ecs/security-groups.ts';
import type { VSwitchOutput } from '../../shared/deployment/outputs.ts';
import type { Spec } from '../../shared/deployment/spec.ts';

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
