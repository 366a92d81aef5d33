import sdk from '@alicloud/alb20200616';
import { describe, expect, it } from 'vitest';
import { type Cloud, listenerRequest, runningListener, startCloud } from './cloud.ts';

const many = Array.from({ length: 27 }, (_, index) => `${index + 1}-cn-hangzhou`);
const [one = '', two = '', three = ''] = many;

/** A Running HTTPS listener with certificate 1 on the load balancer of a Running HTTP listener. */
async function start() {
  const cloud = await startCloud({ certificates: many });
  const { loadBalancerId, serverGroupId, listenerId: httpListenerId } = await runningListener(cloud);
  const add = async (port: number) => {
    const { body } = await cloud.client.createListener(
      listenerRequest(loadBalancerId, serverGroupId, {
        listenerProtocol: 'HTTPS',
        listenerPort: port,
        certificates: [new sdk.CreateListenerRequestCertificates({ certificateId: one })],
      }),
    );
    cloud.clock.advance(8000);
    return body?.listenerId ?? '';
  };
  return { cloud, httpListenerId, add, listenerId: await add(443) };
}

const associate = (cloud: Cloud, listenerId: string, ...ids: string[]) =>
  cloud.client.associateAdditionalCertificatesWithListener(
    new sdk.AssociateAdditionalCertificatesWithListenerRequest({
      listenerId,
      certificates: ids.map(
        (certificateId) => new sdk.AssociateAdditionalCertificatesWithListenerRequestCertificates({ certificateId }),
      ),
    }),
  );

const dissociate = (cloud: Cloud, listenerId: string, ...ids: string[]) =>
  cloud.client.dissociateAdditionalCertificatesFromListener(
    new sdk.DissociateAdditionalCertificatesFromListenerRequest({
      listenerId,
      certificates: ids.map(
        (certificateId) => new sdk.DissociateAdditionalCertificatesFromListenerRequestCertificates({ certificateId }),
      ),
    }),
  );

const list = async (cloud: Cloud, listenerId: string, filter: object = {}) =>
  (await cloud.client.listListenerCertificates(new sdk.ListListenerCertificatesRequest({ listenerId, ...filter })))
    .body;

const statusOf = async (cloud: Cloud, listenerId: string) =>
  (await cloud.client.getListenerAttribute(new sdk.GetListenerAttributeRequest({ listenerId }))).body?.listenerStatus;

describe('AssociateAdditionalCertificatesWithListener: parameters', () => {
  it('refuses 16 certificates in one call', async () => {
    const { cloud, listenerId } = await start();
    await expect(associate(cloud, listenerId, ...many.slice(1, 17))).rejects.toMatchObject({
      code: 'IllegalParam.Certificates',
    });
  });

  it('refuses a call without certificates', async () => {
    const { cloud, listenerId } = await start();
    await expect(associate(cloud, listenerId)).rejects.toMatchObject({ code: 'MissingCertificates' });
  });

  it('refuses a certificate twice in one call', async () => {
    const { cloud, listenerId } = await start();
    await expect(associate(cloud, listenerId, two, two)).rejects.toMatchObject({ code: 'IllegalParam.Certificates' });
  });

  it('P-001: answers a passed dry run with DryRunOperation', async () => {
    const { cloud, listenerId } = await start();
    const request = new sdk.AssociateAdditionalCertificatesWithListenerRequest({
      listenerId,
      certificates: [new sdk.AssociateAdditionalCertificatesWithListenerRequestCertificates({ certificateId: two })],
      dryRun: true,
    });
    await expect(cloud.client.associateAdditionalCertificatesWithListener(request)).rejects.toMatchObject({
      code: 'DryRunOperation',
    });
    expect((await list(cloud, listenerId))?.totalCount).toBe(1);
  });
});

describe('AssociateAdditionalCertificatesWithListener: state rules', () => {
  it('refuses an HTTP listener', async () => {
    const { cloud, httpListenerId } = await start();
    await expect(associate(cloud, httpListenerId, two)).rejects.toMatchObject({
      code: 'OperationDenied.HttpListenerNotSupport',
    });
  });

  it('refuses a listener that does not exist', async () => {
    const { cloud } = await start();
    await expect(associate(cloud, 'lsn-none', two)).rejects.toMatchObject({
      code: 'ResourceNotFound.Listener',
      statusCode: 404,
    });
  });

  it('P-081: refuses a certificate id without its region', async () => {
    const { cloud, listenerId } = await start();
    await expect(associate(cloud, listenerId, '2')).rejects.toMatchObject({
      code: 'ResourceNotFound.Certificate',
      statusCode: 404,
    });
  });

  it('refuses the default certificate', async () => {
    const { cloud, listenerId } = await start();
    await expect(associate(cloud, listenerId, one)).rejects.toMatchObject({
      code: 'OperationDenied.DefaultCertificateUsed',
    });
  });

  it('refuses a certificate that is associated already', async () => {
    const { cloud, listenerId } = await start();
    await associate(cloud, listenerId, two);
    cloud.clock.advance(8000);
    await expect(associate(cloud, listenerId, two)).rejects.toMatchObject({
      code: 'ResourceAlreadyAssociated.Certificate',
    });
  });

  it('P-066: refuses more certificates while some are being associated', async () => {
    const { cloud, listenerId } = await start();
    await associate(cloud, listenerId, two);
    await expect(associate(cloud, listenerId, three)).rejects.toMatchObject({
      code: 'ResourceInConfiguring.Listener',
    });
  });

  it('refuses the 26th additional certificate of a load balancer', async () => {
    const { cloud, listenerId, add } = await start();
    await associate(cloud, listenerId, ...many.slice(1, 16));
    cloud.clock.advance(8000);
    const other = await add(8443);
    await associate(cloud, other, ...many.slice(1, 11));
    cloud.clock.advance(8000);
    await expect(associate(cloud, listenerId, many.at(-1) ?? '')).rejects.toMatchObject({
      code: 'ResourceQuotaExceeded.LoadBalancerCertificatesNum',
    });
  });
});

describe('AssociateAdditionalCertificatesWithListener: effects', () => {
  it('shows the certificates Associating with their listener Configuring, then Associated', async () => {
    const { cloud, listenerId } = await start();
    const { body } = await associate(cloud, listenerId, two, three);
    expect(await statusOf(cloud, listenerId)).toBe('Configuring');
    expect((await list(cloud, listenerId))?.certificates).toMatchObject([
      { certificateId: one, isDefault: true, status: 'Associated', certificateType: 'Server' },
      { certificateId: two, isDefault: false, status: 'Associating', certificateType: 'Server' },
      { certificateId: three, isDefault: false, status: 'Associating', certificateType: 'Server' },
    ]);
    cloud.clock.advance(8000);
    expect(await statusOf(cloud, listenerId)).toBe('Running');
    expect((await list(cloud, listenerId))?.certificates?.map(({ status }) => status)).toEqual([
      'Associated',
      'Associated',
      'Associated',
    ]);
    const jobs = await cloud.client.listAsynJobs(new sdk.ListAsynJobsRequest({ jobIds: [body?.jobId ?? ''] }));
    expect(jobs.body?.jobs).toMatchObject([{ operateType: 'Update', resourceId: listenerId, status: 'Succeeded' }]);
  });

  it('leaves a Stopped listener Stopped', async () => {
    const { cloud, listenerId } = await start();
    await cloud.client.stopListener(new sdk.StopListenerRequest({ listenerId }));
    cloud.clock.advance(8000);
    await associate(cloud, listenerId, two);
    cloud.clock.advance(8000);
    expect(await statusOf(cloud, listenerId)).toBe('Stopped');
  });

  it('P-082: does not show additional certificates in GetListenerAttribute', async () => {
    const { cloud, listenerId } = await start();
    await associate(cloud, listenerId, two);
    cloud.clock.advance(8000);
    const { body } = await cloud.client.getListenerAttribute(new sdk.GetListenerAttributeRequest({ listenerId }));
    expect(body?.certificates?.map(({ certificateId }) => certificateId)).toEqual([one]);
  });

  it('keeps an additional certificate from becoming the default one', async () => {
    const { cloud, listenerId } = await start();
    await associate(cloud, listenerId, two);
    cloud.clock.advance(8000);
    const request = new sdk.UpdateListenerAttributeRequest({
      listenerId,
      certificates: [new sdk.UpdateListenerAttributeRequestCertificates({ certificateId: two })],
    });
    await expect(cloud.client.updateListenerAttribute(request)).rejects.toMatchObject({
      code: 'ResourceAlreadyAssociated.Certificate',
    });
  });
});

describe('DissociateAdditionalCertificatesFromListener', () => {
  it('refuses a certificate that is not associated', async () => {
    const { cloud, listenerId } = await start();
    await expect(dissociate(cloud, listenerId, two)).rejects.toMatchObject({
      code: 'ResourceNotAssociated.Certificate',
    });
  });

  it('refuses the default certificate', async () => {
    const { cloud, listenerId } = await start();
    await expect(dissociate(cloud, listenerId, one)).rejects.toMatchObject({
      code: 'OperationDenied.DefaultCertificateUsed',
    });
  });

  it('refuses an HTTP listener', async () => {
    const { cloud, httpListenerId } = await start();
    await expect(dissociate(cloud, httpListenerId, two)).rejects.toMatchObject({
      code: 'OperationDenied.HttpListenerNotSupport',
    });
  });

  it('shows the certificate Diassociating, then no more', async () => {
    const { cloud, listenerId } = await start();
    await associate(cloud, listenerId, two, three);
    cloud.clock.advance(8000);
    await dissociate(cloud, listenerId, two);
    expect(await statusOf(cloud, listenerId)).toBe('Configuring');
    expect((await list(cloud, listenerId, { certificateIds: [two] }))?.certificates).toMatchObject([
      { certificateId: two, status: 'Diassociating' },
    ]);
    cloud.clock.advance(8000);
    expect((await list(cloud, listenerId))?.certificates?.map(({ certificateId }) => certificateId)).toEqual([
      one,
      three,
    ]);
    expect(await statusOf(cloud, listenerId)).toBe('Running');
  });
});

describe('ListListenerCertificates', () => {
  it('refuses an HTTP listener', async () => {
    const { cloud, httpListenerId } = await start();
    await expect(list(cloud, httpListenerId)).rejects.toMatchObject({
      code: 'OperationDenied.HttpListenerNotSupport',
    });
  });

  it('refuses a certificate type that is neither Ca nor Server', async () => {
    const { cloud, listenerId } = await start();
    await expect(list(cloud, listenerId, { certificateType: 'Client' })).rejects.toMatchObject({
      code: 'IllegalParam.CertificateType',
    });
  });

  it('has no CA certificates', async () => {
    const { cloud, listenerId } = await start();
    expect(await list(cloud, listenerId, { certificateType: 'Ca' })).toMatchObject({ totalCount: 0 });
  });

  it('gives the rest on the next page', async () => {
    const { cloud, listenerId } = await start();
    await associate(cloud, listenerId, two, three);
    const first = await list(cloud, listenerId, { maxResults: 2 });
    expect(first).toMatchObject({ totalCount: 3, maxResults: 2 });
    const next = await list(cloud, listenerId, { maxResults: 2, nextToken: first?.nextToken });
    expect(next?.certificates?.map(({ certificateId }) => certificateId)).toEqual([three]);
  });
});
