import { describe, expect, it } from 'vitest';
import { type ConditionBlock, type ConditionKeys } from '../../../local/authorization/conditions.ts';
import { type Decision, PolicySet, type Statement } from '../../../local/authorization/policy.ts';
import { wildcard } from '../../../local/authorization/wildcards.ts';

const queue = 'acs:mns:cn-shanghai:1234567890123456:/queues/mine-dns/messages';

const decide = (statements: Statement[], action: string, arn: string, keys: ConditionKeys = {}): Decision =>
  new PolicySet([{ Version: '1', Statement: statements }]).decide({ action, arn, keys });

const allow = (resource: string | string[], rest: Partial<Statement> = { Action: '*' }): Statement => ({
  Effect: 'Allow',
  Resource: resource,
  ...rest,
});
const deny = (resource: string | string[], rest: Partial<Statement> = { Action: '*' }): Statement => ({
  Effect: 'Deny',
  Resource: resource,
  ...rest,
});

describe('a pattern', () => {
  it.each<[pattern: string, text: string, matches: boolean]>([
    ['', '', true],
    ['', 'a', false],
    ['*', '', true],
    ['*', 'anything', true],
    ['**', 'anything', true],
    ['a*', 'a', true],
    ['a*', 'ba', false],
    ['*a', 'ba', true],
    ['*a', 'ab', false],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['*aba*aba*', 'ababa', false],
    ['*aba*aba*', 'abaaba', true],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['?', '', false],
    ['*?', 'a', true],
    ['*?b*', 'ab', true],
    ['*?b*', 'b', false],
    ['a.c', 'abc', false],
    ['a+', 'aa', false],
    ['[ab]', 'a', false],
    ['Mine-*', 'mine-dns', false],
  ])('%j matches %j: %s', (pattern, text, matches) => {
    expect(wildcard(pattern)(text)).toBe(matches);
  });

  // A regular expression of the same pattern does not come to an end.
  it('with many asterisks is done at once with a long text that is not of it', () => {
    expect(wildcard(`${'*a'.repeat(500)}*b`)('a'.repeat(20_000))).toBe(false);
  });
});

describe('actions', () => {
  it.each<[statement: Partial<Statement>, action: string, decision: Decision]>([
    [{ Action: 'mns:SendMessage' }, 'mns:SendMessage', 'allowed'],
    [{ Action: 'mns:SendMessage' }, 'mns:SendMessages', 'not-allowed'],
    [{ Action: 'MNS:sendmessage' }, 'mns:SendMessage', 'allowed'],
    [{ Action: ['mns:Get*', 'mns:Send*'] }, 'mns:SendMessage', 'allowed'],
    [{ Action: 'mns:????Message' }, 'mns:SendMessage', 'allowed'],
    [{ Action: 'ots:*' }, 'mns:SendMessage', 'not-allowed'],
    [{ Action: '*' }, 'mns:SendMessage', 'allowed'],
    [{ NotAction: 'ram:*' }, 'mns:SendMessage', 'allowed'],
    [{ NotAction: ['ram:*', 'mns:Send*'] }, 'mns:SendMessage', 'not-allowed'],
    [{}, 'mns:SendMessage', 'not-allowed'],
  ])('%j and %s: %s', (rest, action, decision) => {
    expect(decide([allow('*', rest)], action, queue)).toBe(decision);
  });
});

describe('resources', () => {
  it.each<[resource: string | string[], arn: string, decision: Decision]>([
    ['*', queue, 'allowed'],
    [queue, queue, 'allowed'],
    ['acs:mns:*:*:/queues/mine-*', queue, 'allowed'],
    ['acs:mns:cn-shanghai:*:/queues/mine-*/messages', queue, 'allowed'],
    ['acs:mns:*:*:/queues/yours-*', queue, 'not-allowed'],
    ['acs:mns:*:*:/queues/mine-dns', queue, 'not-allowed'],
    [['acs:mns:*:*:/queues/yours-*', 'acs:mns:*:*:/queues/mine-*'], queue, 'allowed'],
    ['acs:mns:cn-hangzhou:*:/queues/*', queue, 'not-allowed'],
    ['acs:mns:*:9999999999999999:/queues/*', queue, 'not-allowed'],
    ['acs:ots:*:*:*', queue, 'not-allowed'],
    ['acs:*:*:*:*', queue, 'allowed'],
    ['acs:mns:cn-*:*:*', queue, 'allowed'],
    // An empty field is no wildcard where the resource has a region.
    ['acs:mns::1234567890123456:/queues/*', queue, 'not-allowed'],
    ['acs:mns:*::/queues/*', queue, 'not-allowed'],
    // An asterisk does not reach over a colon.
    ['acs:mns:*:/queues/*', queue, 'not-allowed'],
    // Where the service knows no resource, nothing narrower than `*` grants.
    ['*', '*', 'allowed'],
    ['acs:ecs:*:*:*', '*', 'not-allowed'],
    ['acs:*:*:*:*', '*', 'not-allowed'],
    // A create or a list asks for all of a type.
    ['acs:vpc:*:*:vpc/*', 'acs:vpc:cn-shanghai:1:vpc/*', 'allowed'],
    ['acs:vpc:*:*:vpc/vpc-1', 'acs:vpc:cn-shanghai:1:vpc/*', 'not-allowed'],
    // A colon in a relative id belongs to it.
    ['acs:oss:*:*:bucket/a:b', 'acs:oss::1:bucket/a:b', 'allowed'],
    // Without a region the field is empty: empty or `*` in the policy.
    ['acs:ram::1:role/mine-*', 'acs:ram::1:role/mine-api', 'allowed'],
    ['acs:ram:*:1:role/mine-*', 'acs:ram::1:role/mine-api', 'allowed'],
    ['acs:ram:cn-shanghai:1:role/mine-*', 'acs:ram::1:role/mine-api', 'not-allowed'],
    // Names of roles differ by more than letter case; those of other resources by letter case too.
    ['acs:ram:*:*:role/MineApi', 'acs:ram::1:role/mineapi', 'allowed'],
    ['acs:ram:*:*:policy/Mine', 'acs:ram::1:policy/mine', 'not-allowed'],
    ['acs:mns:*:*:/queues/Mine-*', queue, 'not-allowed'],
  ])('%j and %s: %s', (resource, arn, decision) => {
    expect(decide([allow(resource)], 'x:Y', arn)).toBe(decision);
  });
});

describe('several statements', () => {
  it('refuse what none of them allows', () => {
    expect(decide([], 'mns:SendMessage', queue)).toBe('not-allowed');
  });

  it('deny what one denies, in whatever order they stand', () => {
    const statements = [allow('*'), deny('acs:mns:*:*:/queues/mine-dns/*', { Action: 'mns:*' })];
    expect(decide(statements, 'mns:SendMessage', queue)).toBe('denied');
    expect(decide(statements.toReversed(), 'mns:SendMessage', queue)).toBe('denied');
    expect(decide(statements, 'mns:SendMessage', queue.replace('mine-dns', 'mine-api'))).toBe('allowed');
  });
});

describe('conditions', () => {
  it.each<[block: ConditionBlock, keys: ConditionKeys, allows: boolean, denies: boolean]>([
    [{ StringEquals: { k: 'a' } }, { k: 'a' }, true, true],
    [{ StringEquals: { k: 'a' } }, { k: 'A' }, false, false],
    [{ StringEquals: { k: ['a', 'b'] } }, { k: 'b' }, true, true],
    [{ StringEquals: { k: 'a' } }, {}, false, false],
    [{ StringEquals: { k: 'a*' } }, { k: 'ab' }, false, false],
    [{ StringEquals: { k: 'a', l: 'b' } }, { k: 'a' }, false, false],
    [{ StringEquals: { k: 'a', l: 'b' } }, { k: 'a', l: 'b' }, true, true],
    [{ StringEquals: { k: 'a' }, StringLike: { l: 'b*' } }, { k: 'a', l: 'bc' }, true, true],
    [{ StringEquals: { k: 'a' }, StringLike: { l: 'b*' } }, { k: 'a', l: 'c' }, false, false],
    [{ StringNotEquals: { k: ['a', 'b'] } }, { k: 'b' }, false, false],
    [{ StringNotEquals: { k: ['a', 'b'] } }, { k: 'c' }, true, true],
    [{ StringEqualsIgnoreCase: { k: 'Ab' } }, { k: 'aB' }, true, true],
    [{ StringNotEqualsIgnoreCase: { k: 'Ab' } }, { k: 'aB' }, false, false],
    [{ StringLike: { k: 'a?c*' } }, { k: 'abcd' }, true, true],
    [{ StringNotLike: { k: 'a?c*' } }, { k: 'abcd' }, false, false],
    [{ NumericEquals: { k: '10' } }, { k: '10.0' }, true, true],
    [{ NumericNotEquals: { k: 10 } }, { k: '10' }, false, false],
    [{ NumericLessThan: { k: '10' } }, { k: '9.5' }, true, true],
    [{ NumericLessThanEquals: { k: '10' } }, { k: '10' }, true, true],
    [{ NumericGreaterThan: { k: '10' } }, { k: '9' }, false, false],
    [{ NumericGreaterThanEquals: { k: '-1' } }, { k: '-1' }, true, true],
    [{ DateLessThan: { k: '2026-12-01T08:00:00+08:00' } }, { k: '2026-11-30T23:59:59Z' }, true, true],
    [{ DateLessThan: { k: '2026-12-01T08:00:00+08:00' } }, { k: '2026-12-01T00:00:00Z' }, false, false],
    [{ DateEquals: { k: '2026-12-01T08:00:00+08:00' } }, { k: '2026-12-01T00:00:00Z' }, true, true],
    [{ DateNotEquals: { k: '2026-12-01T08:00:00+08:00' } }, { k: '2026-12-01T00:00:00Z' }, false, false],
    [{ DateGreaterThanEquals: { k: '2026-12-01T00:00:00Z' } }, { k: '2026-12-01T00:00:00Z' }, true, true],
    [{ Bool: { k: 'true' } }, { k: 'true' }, true, true],
    [{ Bool: { k: true } }, { k: 'false' }, false, false],
    [{ IpAddress: { k: ['10.0.0.0/8', '2001:db8::/32'] } }, { k: '10.1.2.3' }, true, true],
    [{ IpAddress: { k: ['10.0.0.0/8', '2001:db8::/32'] } }, { k: '2001:db8::1' }, true, true],
    [{ IpAddress: { k: '10.0.0.0/8' } }, { k: '11.0.0.1' }, false, false],
    [{ IpAddress: { k: '203.0.113.7' } }, { k: '203.0.113.7' }, true, true],
    [{ NotIpAddress: { k: '10.0.0.0/8' } }, { k: '11.0.0.1' }, true, true],
    [{ NotIpAddress: { k: '10.0.0.0/8' } }, { k: '10.0.0.1' }, false, false],
    [{ IpAddressIncludeBorder: { k: '10.0.0.0/8' } }, { k: '10.255.255.255' }, true, true],
    // What cannot be decided never allows, and always denies.
    [{ StringNotEquals: { k: 'a' } }, {}, false, true],
    [{ NotIpAddress: { k: '10.0.0.0/8' } }, {}, false, true],
    [{ StringEqualsIfExists: { k: 'a' } }, { k: 'a' }, false, true],
    [{ 'ForAnyValue:StringEquals': { k: 'a' } }, { k: 'a' }, false, true],
    [{ NumericLessThan: { k: 'ten' } }, { k: '1' }, false, true],
    [{ NumericLessThan: { k: '10' } }, { k: 'one' }, false, true],
    [{ DateLessThan: { k: '2026-12-01' } }, { k: '2026-11-30T00:00:00Z' }, false, true],
    [{ IpAddress: { k: '10.0.0.0/33' } }, { k: '10.0.0.1' }, false, true],
    [{ Bool: { k: 'yes' } }, { k: 'true' }, false, true],
    // But what is not met besides settles it.
    [{ StringEquals: { k: 'a' }, Unknown: { k: 'a' } }, { k: 'b' }, false, false],
    [{}, {}, true, true],
    // Words of Object.prototype are no keys of a request.
    [{ StringLike: { constructor: '*' } }, {}, false, false],
    [{ constructor: { k: 'a' } }, { k: 'a' }, false, true],
  ])('%j with %j allows: %s, denies: %s', (block, keys, allows, denies) => {
    const when = { Action: '*', Condition: block };
    expect(decide([allow('*', when)], 'x:Y', '*', keys) === 'allowed').toBe(allows);
    expect(decide([allow('*'), deny('*', when)], 'x:Y', '*', keys) === 'denied').toBe(denies);
  });
});
