import { expect, it } from 'vitest';
import { certificatesProduct } from '../../../shared/alibaba/products.ts';
import { createCertificatesClient } from '../../../shared/alibaba/certificates-client.ts';
import { json, rawServer } from './raw-server.ts';

it('lists the numbers of valid certificates', async () => {
  const { settings, calls } = await rawServer(
    json(200, { RequestId: 'r', TotalCount: 1, CertificateOrderList: [{ CertificateId: 896_521, Name: 'one' }] }),
  );
  expect(await createCertificatesClient(settings).listCertificateNumbers()).toEqual([896_521]);
  expect(calls).toMatchObject([
    { action: 'ListUserCertificateOrder', query: { OrderType: 'CERT', CurrentPage: '1', ShowSize: '50' } },
  ]);
  expect(calls[0]?.headers['x-acs-version']).toBe('2020-04-07');
});

it('takes an answer without a list for no answer', async () => {
  const { settings } = await rawServer(json(200, { RequestId: 'r' }));
  await expect(createCertificatesClient(settings).listCertificateNumbers()).rejects.toMatchObject({
    code: 'UnreadableAnswer',
  });
});

it.each([
  ['cn-shanghai', 'cas.aliyuncs.com'],
  ['cn-guangzhou', 'cas.aliyuncs.com'],
  ['us-west-1', 'cas.aliyuncs.com'],
  ['ap-southeast-1', 'cas.ap-southeast-1.aliyuncs.com'],
])('asks in %s at %s', (regionId, host) => {
  expect(certificatesProduct.host(regionId)).toBe(host);
});
