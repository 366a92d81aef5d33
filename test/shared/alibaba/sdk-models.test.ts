import { DescribeVpcsResponseBody } from '@alicloud/vpc20160428/dist/models/DescribeVpcsResponseBody.js';
import { describe, expect, it } from 'vitest';
import { readModel } from '../../../shared/alibaba/sdk-models.ts';

const read = (wire: unknown) => readModel(DescribeVpcsResponseBody, wire);

describe('an answer read by a model', () => {
  it('has the names of the model', () => {
    expect(read({ TotalCount: 1, Vpcs: { Vpc: [{ VpcId: 'vpc-1', Ipv6CidrBlock: '2408::/56' }] } })).toEqual({
      totalCount: 1,
      vpcs: { vpc: [{ vpcId: 'vpc-1', ipv6CidrBlock: '2408::/56' }] },
    });
  });

  it('P-011: lacks the fields that the model does not know', () => {
    expect(read({ TotalCount: 0, BrandNew: { A: 1 }, Vpcs: { Vpc: [{ VpcId: 'vpc-1', BrandNew: 'x' }] } })).toEqual({
      totalCount: 0,
      vpcs: { vpc: [{ vpcId: 'vpc-1' }] },
    });
  });

  it('takes numbers written as text', () => {
    expect(read({ TotalCount: '12' })).toEqual({ totalCount: 12 });
  });

  it.each([
    ['null', null],
    ['a text', 'hello'],
    ['a list', []],
    ['an object of another shape', { Vpcs: 'none' }],
  ])('is empty for %s', (_, wire) => {
    expect(read(wire)).not.toHaveProperty('vpcs');
  });
});
