import sdk from '@alicloud/ecs20140526';
import { describe, expect, it } from 'vitest';
import { base64, regionId, start } from './fixture.ts';

type Client = Awaited<ReturnType<typeof start>>['client'];

const nginx = base64('#cloud-config\npackages: [nginx]\nruncmd:\n  - systemctl enable --now nginx\n');

async function command(client: Client, instanceId: string, commandContent: string, more = {}) {
  const { body } = await client.runCommand(
    new sdk.RunCommandRequest({
      regionId,
      type: 'RunShellScript',
      commandContent,
      instanceId: [instanceId],
      ...more,
    }),
  );
  return body?.invokeId ?? '';
}

async function resultOf(client: Client, invokeId: string, contentEncoding?: string) {
  const { body } = await client.describeInvocationResults(
    new sdk.DescribeInvocationResultsRequest({
      regionId,
      invokeId,
      ...(contentEncoding === undefined ? {} : { contentEncoding }),
    }),
  );
  return body?.invocation?.invocationResults?.invocationResult?.[0];
}

/** Runs a command on a guest that is up and gives its result. */
async function answer(text: string, userData = nginx, more: Record<string, unknown> = {}) {
  const started = await start();
  const { client, context, createGroup, run } = started;
  const id = await run(await createGroup(), { userData, ...more });
  context.clock.advance(65_000);
  const invokeId = await command(client, id, text);
  context.clock.advance(1000);
  return { ...started, id, result: await resultOf(client, invokeId, 'PlainText') };
}

describe('RunCommand: parameters', () => {
  it('P-052: takes Base64 content as text unless told', async () => {
    const { client, context, createGroup, run } = await start();
    const id = await run(await createGroup(), { userData: nginx });
    context.clock.advance(65_000);
    const asText = await command(client, id, base64('cloud-init status'));
    const asBase64 = await command(client, id, base64('cloud-init status'), { contentEncoding: 'Base64' });
    context.clock.advance(1000);
    expect(await resultOf(client, asText)).toMatchObject({ exitCode: 127 });
    expect(await resultOf(client, asBase64)).toMatchObject({ exitCode: 0 });
    await expect(command(client, id, 'not base64!', { contentEncoding: 'Base64' })).rejects.toMatchObject({
      code: 'CmdContent.DecodeError',
    });
  });

  it('refuses a Windows script', async () => {
    const { client, createGroup, run } = await start();
    const id = await run(await createGroup());
    await expect(command(client, id, 'dir', { type: 'RunBatScript' })).rejects.toMatchObject({
      code: 'InvalidInstance.NotMatch',
      statusCode: 400,
    });
  });

  it('refuses an unknown instance', async () => {
    const { client } = await start();
    await expect(command(client, 'i-none', 'true')).rejects.toMatchObject({
      code: 'InvalidInstance.NotFound',
      statusCode: 404,
    });
  });
});

describe('RunCommand: state rules', () => {
  it('P-050: Running is not ready, the client connects later', async () => {
    const { client, context, createGroup, run } = await start();
    const id = await run(await createGroup(), { userData: nginx });
    const isConnected = async () => {
      const { body } = await client.describeCloudAssistantStatus(
        new sdk.DescribeCloudAssistantStatusRequest({ regionId, instanceId: [id] }),
      );
      return body?.instanceCloudAssistantStatusSet?.instanceCloudAssistantStatus?.[0]?.cloudAssistantStatus;
    };
    expect(await resultOf(client, await command(client, id, 'true'))).toMatchObject({
      invocationStatus: 'Aborted',
      errorCode: 'InstanceNotRunning',
    });
    context.clock.advance(25_000);
    expect(await isConnected()).toBe('false');
    expect(await resultOf(client, await command(client, id, 'true'))).toMatchObject({
      invocationStatus: 'Aborted',
      errorCode: 'ClientNotRunning',
    });
    context.clock.advance(40_000);
    expect(await isConnected()).toBe('true');
  });

  it('is Running before it has a result', async () => {
    const { client, context, createGroup, run } = await start();
    const id = await run(await createGroup(), { userData: nginx });
    context.clock.advance(65_000);
    const invokeId = await command(client, id, 'cloud-init status');
    expect(await resultOf(client, invokeId)).toMatchObject({ invocationStatus: 'Running', output: '' });
    context.clock.advance(1000);
    expect(await resultOf(client, invokeId)).toMatchObject({
      invocationStatus: 'Success',
      exitCode: 0,
      output: base64('status: done\n'),
    });
  });
});

describe('RunCommand: effects', () => {
  it('shows the IPv6 address of the guest', async () => {
    const { result, ecs, id } = await answer('ip -6 addr');
    expect(result?.output).toContain(`inet6 ${ecs.instance(id).ipv6Addresses[0]}/128 scope global`);
  });

  it('shows no global IPv6 address where there is none', async () => {
    const { result } = await answer('ip -6 addr | grep "scope global"', nginx, { ipv6AddressCount: undefined });
    expect(result).toMatchObject({ output: '', exitCode: 1, invocationStatus: 'Failed', errorCode: 'ExitCodeNonzero' });
  });

  it('tells an nginx that runs from one that nobody started', async () => {
    const one = await answer('systemctl is-active nginx');
    expect(one.result).toMatchObject({ output: 'active\n', exitCode: 0 });
    const two = await answer('systemctl is-active nginx', base64('#cloud-config\npackages: [nginx]\n'));
    expect(two.result).toMatchObject({ output: 'inactive\n', exitCode: 3 });
    const three = await answer('systemctl status nginx.service', base64('#cloud-config\n{}\n'));
    expect(three.result).toMatchObject({ exitCode: 4 });
  });

  it('answers a script of several commands', async () => {
    const { result } = await answer(
      '#!/bin/sh\necho "== init"; cloud-init status --long 2>&1\nsystemctl status nginx --no-pager || true\n',
    );
    expect(result?.exitCode).toBe(0);
    expect(result?.output).toMatch(/^== init\nstatus: done\n[^]*Active: active \(running\)/);
  });

  it('ends with 127 for a command that the guest does not know', async () => {
    const { result } = await answer('rm -rf /');
    expect(result).toMatchObject({ exitCode: 127, invocationStatus: 'Failed' });
    expect(result?.output).toContain('does not know: rm -rf /');
    expect((await answer('curl -6 http://example.com')).result).toMatchObject({ exitCode: 127 });
  });
});
