import { describe, expect, it } from 'vitest';
import { ruleKeyOf } from '../../shared/rule-key.ts';

describe('the key of a security-group rule', () => {
  it.each([
    ['tcp', '080/80', '2001:DB8:0:0::/64', 'TCP 80/80 2001:db8::/64'],
    ['TCP', '80/80', '2001:db8::1/64', 'TCP 80/80 2001:db8::/64'],
    ['icmpv6', '-1/-1', '0:0::0/00', 'ICMPV6 -1/-1 ::/0'],
    ['TCP', '22/22', '10.1.2.3', 'TCP 22/22 10.1.2.3/32'],
    ['all', '-1/-1', '10.1.2.3/8', 'ALL -1/-1 10.0.0.0/8'],
  ])('is one for all spellings: %s %s %s', (protocol, portRange, sourceCidr, key) => {
    expect(ruleKeyOf({ protocol, portRange, sourceCidr })).toBe(key);
  });
});
