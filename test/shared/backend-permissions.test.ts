import { describe, expect, it } from 'vitest';
import type { Permission, SecurityGroupRule } from '../../shared/alibaba/ecs/security-groups.ts';
import { alikeIn, missingPermissions, shiftedRules, staleRules } from '../../shared/backend-permissions.ts';

const mark = 'dualstack-alb dep-1 security-group';
const wanted: Permission = { protocol: 'TCP', portRange: '080/80', sourceCidr: '2001:DB8:0:0::1/64', priority: 1 };
const rule = (change: Partial<SecurityGroupRule> = {}): SecurityGroupRule => ({
  ruleId: 'sgr-1',
  description: mark,
  protocol: 'TCP',
  portRange: '80/80',
  sourceCidr: '2001:db8::/64',
  policy: 'accept',
  priority: 1,
  direction: 'ingress',
  ...change,
});

describe('a rule that the cloud spells in another way than the request', () => {
  it('is not missing', () => {
    expect(missingPermissions([wanted], [rule()], mark)).toEqual([]);
    expect(alikeIn([wanted], [rule()])).toEqual([wanted]);
  });

  it('is not stale', () => {
    expect(staleRules([wanted], [rule({ protocol: 'tcp', policy: 'Accept' })], mark)).toEqual([]);
  });

  it('gets its priority back in place', () => {
    expect(shiftedRules([wanted], [rule({ priority: 7 })], mark)).toEqual([{ ruleId: 'sgr-1', priority: 1 }]);
  });

  it('counts where a wider one of others covers it', () => {
    const wider = rule({ description: '', sourceCidr: '2001:DB8:0::/48' });
    expect(missingPermissions([wanted], [wider], mark)).toEqual([]);
  });
});

it('misses what a rule for another source, range or policy does not let in', () => {
  for (const other of [
    rule({ sourceCidr: '2001:db8:0:1::/64' }),
    rule({ portRange: '80/81' }),
    rule({ policy: 'drop' }),
  ])
    expect(missingPermissions([wanted], [other], mark)).toEqual([wanted]);
});
