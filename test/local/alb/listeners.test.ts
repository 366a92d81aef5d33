import sdk from '@alicloud/alb20200616';
import { describe, expect, it } from 'vitest';
import {
  activeLoadBalancer,
  addVpc,
  availableServerGroup,
  callGeneric,
  type Cloud,
  type CloudOptions,
  forwardTo,
  listenerRequest,
  loadBalancerRequest,
  runningListener,
  startCloud,
} from './cloud.ts';

async function start(options: CloudOptions = {}, changes: { loadBalancer?: object; group?: object } = {}) {
  const cloud = await startCloud(options);
  const loadBalancerId = await activeLoadBalancer(cloud, changes.loadBalancer);
  const serverGroupId = await availableServerGroup(cloud, changes.group);
  const create = (fields: object = {}) =>
    cloud.client.createListener(listenerRequest(loadBalancerId, serverGroupId, fields));
  return { cloud, loadBalancerId, serverGroupId, create };
}

const get = async (cloud: Cloud, listenerId: string) =>
  (await cloud.client.getListenerAttribute(new sdk.GetListenerAttributeRequest({ listenerId }))).body;
const certificate = (certificateId: string) => new sdk.CreateListenerRequestCertificates({ certificateId });
const https = (...certificateIds: string[]) => ({
  listenerProtocol: 'HTTPS',
  listenerPort: 443,
  certificates: certificateIds.map(certificate),
});
const statusOf = (cloud: Cloud, loadBalancerId: string) =>
  cloud.state.loadBalancers.statusOf(cloud.state.loadBalancer(loadBalancerId));

describe('CreateListener: parameters', () => {
  it('P-076: refuses a redirect as default action', async () => {
    const { create } = await start();
    const defaultActions = [new sdk.CreateListenerRequestDefaultActions({ type: 'Redirect' })];
    await expect(create({ defaultActions })).rejects.toMatchObject({ code: 'IllegalParam.Type' });
  });

  it('refuses two server groups in the default action', async () => {
    const { create, serverGroupId } = await start();
    await expect(create({ defaultActions: forwardTo(serverGroupId, serverGroupId) })).rejects.toMatchObject({
      code: 'IllegalParam.ServerGroupTuples',
    });
  });

  it('refuses a request timeout of 181 s', async () => {
    const { create } = await start();
    await expect(create({ requestTimeout: 181 })).rejects.toMatchObject({ code: 'IllegalParam.RequestTimeout' });
  });

  it('refuses a description with a blank', async () => {
    const { create } = await start();
    await expect(create({ listenerDescription: 'of deployment' })).rejects.toMatchObject({
      code: 'IllegalParam.ListenerDescription',
    });
  });

  it('refuses QUIC, which is not emulated', async () => {
    const { create } = await start();
    await expect(create({ listenerProtocol: 'QUIC' })).rejects.toMatchObject({
      code: 'UnsupportedFeature.NotEmulated',
    });
  });

  it('refuses HTTPS without certificate', async () => {
    const { create } = await start();
    await expect(create({ listenerProtocol: 'HTTPS', listenerPort: 443 })).rejects.toMatchObject({
      code: 'MissingCertificates',
    });
  });

  it('P-082: refuses two certificates', async () => {
    const { create } = await start({ certificates: ['1-cn-hangzhou', '2-cn-hangzhou'] });
    await expect(create(https('1-cn-hangzhou', '2-cn-hangzhou'))).rejects.toMatchObject({
      code: 'IllegalParam.Certificates',
    });
  });

  it('refuses a certificate on HTTP', async () => {
    const { create } = await start({ certificates: ['1-cn-hangzhou'] });
    await expect(create({ certificates: [certificate('1-cn-hangzhou')] })).rejects.toMatchObject({
      code: 'IllegalParam.Certificates',
    });
  });
});

describe('CreateListener: state rules', () => {
  it('refuses a load balancer that is Provisioning', async () => {
    const { cloud, serverGroupId } = await start();
    const { body } = await cloud.client.createLoadBalancer(loadBalancerRequest(cloud));
    const request = listenerRequest(body?.loadBalancerId ?? '', serverGroupId);
    await expect(cloud.client.createListener(request)).rejects.toMatchObject({ code: 'IncorrectStatus.LoadBalancer' });
  });

  it('P-066: refuses a second listener while the first is Provisioning', async () => {
    const { create } = await start();
    await create();
    await expect(create({ listenerPort: 81 })).rejects.toMatchObject({ code: 'IncorrectStatus.LoadBalancer' });
  });

  it('refuses a port that has a listener', async () => {
    const { cloud, create } = await start();
    await create();
    cloud.clock.advance(8000);
    await expect(create()).rejects.toMatchObject({ code: 'ResourceAlreadyExist.Listener', statusCode: 400 });
  });

  it('refuses a server group that does not exist', async () => {
    const { create } = await start();
    await expect(create({ defaultActions: forwardTo('sgp-none') })).rejects.toMatchObject({
      code: 'ResourceNotFound.ServerGroup',
      statusCode: 404,
    });
  });

  it('refuses a server group of another VPC', async () => {
    const { cloud, create } = await start();
    const other = addVpc(cloud.vpcState, true);
    const foreign = await availableServerGroup(cloud, { vpcId: other.id });
    await expect(create({ defaultActions: forwardTo(foreign) })).rejects.toMatchObject({ code: 'Mismatch.VpcId' });
  });

  it('refuses an IPv6 server group on a load balancer that is not dual-stack', async () => {
    const { create } = await start({}, { loadBalancer: { addressIpVersion: 'IPv4' } });
    await expect(create()).rejects.toMatchObject({ code: 'OperationDenied.Ipv6ServerGroupNotSupport' });
  });

  it('refuses an HTTPS server group behind HTTP', async () => {
    const { create } = await start({}, { group: { protocol: 'HTTPS' } });
    await expect(create()).rejects.toMatchObject({ code: 'OperationDenied.ServerGroupProtocolNotSupport' });
  });

  it('P-081: refuses a certificate id that is not known', async () => {
    const { create } = await start({ certificates: ['1-cn-hangzhou'] });
    await expect(create(https('1'))).rejects.toMatchObject({ code: 'ResourceNotFound.Certificate', statusCode: 404 });
  });

  it('refuses an unknown security policy', async () => {
    const { create } = await start({ certificates: ['1-cn-hangzhou'] });
    await expect(create({ ...https('1-cn-hangzhou'), securityPolicyId: 'tls_none' })).rejects.toMatchObject({
      code: 'ResourceNotFound.SecurityPolicy',
    });
  });
});

describe('CreateListener: effects', () => {
  it('is Provisioning with its load balancer Configuring, then Running', async () => {
    const { cloud, loadBalancerId, create } = await start();
    const { body } = await create({ listenerDescription: 'deployment/d1' });
    const listenerId = body?.listenerId ?? '';
    expect((await get(cloud, listenerId))?.listenerStatus).toBe('Provisioning');
    expect(statusOf(cloud, loadBalancerId)).toBe('Configuring');
    cloud.clock.advance(8000);
    expect(await get(cloud, listenerId)).toMatchObject({
      listenerStatus: 'Running',
      listenerDescription: 'deployment/d1',
      requestTimeout: 60,
      idleTimeout: 15,
      gzipEnabled: true,
      XForwardedForConfig: { XForwardedForEnabled: true, XForwardedForProtoEnabled: false },
    });
    expect(statusOf(cloud, loadBalancerId)).toBe('Active');
  });

  it('P-080: takes the weakest TLS policy when none is given', async () => {
    const { cloud, create } = await start({ certificates: ['1-cn-hangzhou'] });
    const { body } = await create(https('1-cn-hangzhou'));
    expect(await get(cloud, body?.listenerId ?? '')).toMatchObject({
      securityPolicyId: 'tls_cipher_policy_1_0',
      http2Enabled: true,
      certificates: [{ certificateId: '1-cn-hangzhou' }],
    });
  });

  it('takes a server group to which servers are being added', async () => {
    const { cloud, serverGroupId, create } = await start();
    await cloud.client.updateServerGroupAttribute(
      new sdk.UpdateServerGroupAttributeRequest({ serverGroupId, scheduler: 'Wlc' }),
    );
    expect((await create()).statusCode).toBe(200);
  });
});

describe('ListListeners', () => {
  it('P-083: finds the listener by load balancer', async () => {
    const cloud = await startCloud();
    const { loadBalancerId, serverGroupId, listenerId } = await runningListener(cloud);
    const filter = new sdk.ListListenersRequest({ loadBalancerIds: [loadBalancerId] });
    expect((await cloud.client.listListeners(filter)).body?.listeners).toMatchObject([
      {
        listenerId,
        listenerPort: 80,
        defaultActions: [{ forwardGroupConfig: { serverGroupTuples: [{ serverGroupId }] } }],
      },
    ]);
    const other = new sdk.ListListenersRequest({ loadBalancerIds: ['alb-none'] });
    expect((await cloud.client.listListeners(other)).body?.listeners).toEqual([]);
  });
});

describe('UpdateListenerAttribute', () => {
  it('points the listener at another server group', async () => {
    const cloud = await startCloud();
    const { listenerId } = await runningListener(cloud);
    const other = await availableServerGroup(cloud);
    await callGeneric(cloud, 'UpdateListenerAttribute', {
      ListenerId: listenerId,
      'DefaultActions.1.Type': 'ForwardGroup',
      'DefaultActions.1.ForwardGroupConfig.ServerGroupTuples.1.ServerGroupId': other,
    });
    expect(cloud.state.listener(listenerId).serverGroupId).toBe(other);
    expect((await get(cloud, listenerId))?.listenerStatus).toBe('Configuring');
  });

  it('P-066: refuses while the listener is Configuring', async () => {
    const cloud = await startCloud();
    const { listenerId } = await runningListener(cloud);
    const request = new sdk.UpdateListenerAttributeRequest({ listenerId, idleTimeout: 20 });
    await cloud.client.updateListenerAttribute(request);
    await expect(cloud.client.updateListenerAttribute(request)).rejects.toMatchObject({
      code: 'ResourceInConfiguring.Listener',
    });
  });

  it('knows no ListenerPort', async () => {
    const cloud = await startCloud();
    const { listenerId } = await runningListener(cloud);
    await expect(
      callGeneric(cloud, 'UpdateListenerAttribute', { ListenerId: listenerId, ListenerPort: '81' }),
    ).rejects.toMatchObject({ code: 'IllegalParam.ListenerPort' });
  });
});

describe('StopListener', () => {
  it('stops the listener until StartListener', async () => {
    const cloud = await startCloud();
    const { listenerId } = await runningListener(cloud);
    await cloud.client.stopListener(new sdk.StopListenerRequest({ listenerId }));
    cloud.clock.advance(8000);
    expect((await get(cloud, listenerId))?.listenerStatus).toBe('Stopped');
    await cloud.client.startListener(new sdk.StartListenerRequest({ listenerId }));
    cloud.clock.advance(8000);
    expect((await get(cloud, listenerId))?.listenerStatus).toBe('Running');
  });

  it('stays Stopped when its attributes change', async () => {
    const cloud = await startCloud();
    const { listenerId } = await runningListener(cloud);
    await cloud.client.stopListener(new sdk.StopListenerRequest({ listenerId }));
    cloud.clock.advance(8000);
    await cloud.client.updateListenerAttribute(new sdk.UpdateListenerAttributeRequest({ listenerId, idleTimeout: 20 }));
    cloud.clock.advance(8000);
    expect((await get(cloud, listenerId))?.listenerStatus).toBe('Stopped');
  });

  it('refuses a listener that is Stopped', async () => {
    const cloud = await startCloud();
    const { listenerId } = await runningListener(cloud);
    await cloud.client.stopListener(new sdk.StopListenerRequest({ listenerId }));
    cloud.clock.advance(8000);
    await expect(cloud.client.stopListener(new sdk.StopListenerRequest({ listenerId }))).rejects.toMatchObject({
      code: 'IncorrectStatus.Listener',
    });
  });
});

describe('DeleteListener', () => {
  it('is Deleting, then answered with 404', async () => {
    const cloud = await startCloud();
    const { listenerId, loadBalancerId } = await runningListener(cloud);
    await cloud.client.deleteListener(new sdk.DeleteListenerRequest({ listenerId }));
    expect((await get(cloud, listenerId))?.listenerStatus).toBe('Deleting');
    expect(statusOf(cloud, loadBalancerId)).toBe('Configuring');
    cloud.clock.advance(8000);
    await expect(get(cloud, listenerId)).rejects.toMatchObject({ code: 'ResourceNotFound.Listener', statusCode: 404 });
    expect(statusOf(cloud, loadBalancerId)).toBe('Active');
  });

  it('refuses a listener that is Provisioning', async () => {
    const { cloud, create } = await start();
    const { body } = await create();
    const request = new sdk.DeleteListenerRequest({ listenerId: body?.listenerId ?? '' });
    await expect(cloud.client.deleteListener(request)).rejects.toMatchObject({ code: 'IncorrectStatus.Listener' });
  });
});
