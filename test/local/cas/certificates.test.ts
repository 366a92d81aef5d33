import { expect, it } from 'vitest';
import { certificateService } from '../../../local/cas/index.ts';
import { CertificateState } from '../../../local/cas/state.ts';
import { testContext } from '../../support/cloud-context.ts';
import { testEdge } from '../../support/edge.ts';
import { genericClient } from '../../support/rpc-call.ts';

interface Listing {
  CertificateOrderList: { CertificateId: number; Status: string }[];
  TotalCount: number;
}

async function start() {
  const context = testContext();
  const state = new CertificateState(context);
  const { url } = await testEdge(context, [certificateService(state)]);
  const list = (query: Record<string, string>) =>
    genericClient(url, context, '2020-04-07')<Listing>('ListUserCertificateOrder', query);
  return { context, state, url, list };
}

it('lists certificates that are valid', async () => {
  const { context, state, list } = await start();
  state.certificates.push({ id: 1, name: 'old', names: ['old.example'], notAfterMs: context.clock.nowMs() - 1 });
  const { CertificateOrderList, TotalCount } = await list({ OrderType: 'CERT' });
  expect(CertificateOrderList.map(({ CertificateId }) => CertificateId)).toEqual([1_234_567, 7_654_321]);
  expect(TotalCount).toBe(2);
});

it('lists those that have expired where they are asked for', async () => {
  const { context, state, list } = await start();
  state.certificates.push({ id: 1, name: 'old', names: ['old.example'], notAfterMs: context.clock.nowMs() - 1 });
  expect((await list({ OrderType: 'CERT', Status: 'EXPIRED' })).CertificateOrderList).toMatchObject([
    { CertificateId: 1, Status: 'EXPIRED', Expired: true },
  ]);
});

it('has no orders, which are what is listed by default', async () => {
  const { list } = await start();
  expect(await list({})).toMatchObject({ CertificateOrderList: [], TotalCount: 0 });
});

it('gives one page at a time', async () => {
  const { list } = await start();
  const second = await list({ OrderType: 'CERT', CurrentPage: '2', ShowSize: '1' });
  expect(second).toMatchObject({ CertificateOrderList: [{ CertificateId: 7_654_321 }], TotalCount: 2 });
});

it('is called yundun-cert in policies', async () => {
  const { context, url } = await start();
  const credential = context.credentials.issue('Nobody', 'ci');
  const call = genericClient(url, context, '2020-04-07', credential);
  await expect(call('ListUserCertificateOrder', { OrderType: 'CERT' })).rejects.toThrow(
    'yundun-cert:ListUserCertificateOrder',
  );
});

it.each([
  ['1234567-cn-shanghai', true],
  ['1234567-cn-hangzhou', true],
  ['1234567-cn-beijing', false],
  ['1234567-ap-southeast-1', false],
  ['1234567', false],
  ['1234568-cn-shanghai', false],
])('P-081: a listener may use %s: %s', async (id, isUsable) => {
  const { state } = await start();
  expect(state.isUsable(id)).toBe(isUsable);
});
