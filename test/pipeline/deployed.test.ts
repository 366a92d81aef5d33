import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { expect, inject, it, onTestFinished, vi } from 'vitest';
import { bootstrap } from '../../cli/bootstrap.ts';
import { root } from '../../cli/build.mjs';
import { runCall } from '../../cli/call.ts';
import { baseEnvironment, environmentOf, rolePolicies } from '../../cli/installation.ts';
import { EmbeddedCloud } from '../../local/cloud.ts';
import { type ControlPlane, startControlPlane } from '../../local/control-plane.ts';
import { latencies } from '../../local/latency.ts';
import { TimeLapse } from '../../local/time-lapse.ts';
import { VirtualClock } from '../../shared/clock.ts';
import { loadConfig } from '../../shared/config.ts';
import { builtBundles } from '../support/bundles.ts';
import { deployFunctions } from '../support/deploy-functions.ts';
import { patienceMs } from '../support/installation.ts';
import { zip } from '../support/zip.ts';

interface Place {
  credentials: { AccessKeyId: string; AccessKeySecret: string; SecurityToken: string };
  ossBucket: string;
  objectName: string;
}

/** Uploads an archive as fc3 does: a place by the old API, then OSS. @returns where it is. */
async function upload(
  cloud: EmbeddedCloud,
  archive: Buffer,
): Promise<{ ossBucketName: string; ossObjectName: string }> {
  const { accountId } = cloud.credentials;
  const { accessKeyId, accessKeySecret } = cloud.credentials.root;
  const path = '/2016-08-15/tempBucketToken';
  const asked = new Date().toUTCString();
  const sign = createHmac('sha256', accessKeySecret).update(`GET\n\n\n${asked}\n${path}`).digest('base64');
  const answer = await fetch(`${cloud.url}${path}`, {
    headers: { date: asked, authorization: `FC ${accessKeyId}:${sign}` },
  });
  const { credentials, ossBucket, objectName } = (await answer.json()) as Place;
  const object = `${accountId}/${objectName}`;
  const date = new Date().toUTCString();
  const text = `PUT\n\napplication/zip\n${date}\nx-oss-security-token:${credentials.SecurityToken}\n/${ossBucket}/${object}`;
  const signature = createHmac('sha1', credentials.AccessKeySecret).update(text).digest('base64');
  const status = await new Promise<number>((resolve, reject) => {
    const outgoing = httpRequest(
      `${cloud.url}/${object}`,
      {
        method: 'PUT',
        headers: {
          host: `${ossBucket}.oss-${cloud.context.regionId}.aliyuncs.com`,
          date,
          'content-type': 'application/zip',
          'x-oss-security-token': credentials.SecurityToken,
          authorization: `OSS ${credentials.AccessKeyId}:${signature}`,
        },
      },
      (response) => resolve(response.resume().statusCode ?? 0),
    );
    outgoing.on('error', reject).end(archive);
  });
  expect(status).toBe(200);
  return { ossBucketName: ossBucket, ossObjectName: object };
}

/** The public names of HTTP triggers lead nowhere here: the requests go to the embedded cloud, which tells them apart by Host. */
const throughLoopback =
  (base: string): typeof fetch =>
  async (input, { method = 'GET', headers, body } = {}) => {
    const { host, pathname, search } = new URL(input instanceof Request ? input.url : input);
    return await new Promise((resolve, reject) => {
      const outgoing = httpRequest(
        new URL(`${pathname}${search}`, base),
        { method, headers: { ...(headers as Record<string, string>), host } },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => {
            const answered = Object.entries(response.headers).map(
              ([name, value]) => [name, String(value)] as [string, string],
            );
            resolve(new Response(Buffer.concat(chunks), { status: response.statusCode ?? 0, headers: answered }));
          });
        },
      );
      outgoing.on('error', reject).end(body);
    });
  };

it(
  'functions that were uploaded and made through the API alone bring a load balancer up',
  { timeout: patienceMs },
  async () => {
    const { codeDir, workerPath } = await builtBundles(inject('bundlesDir'));
    const clock = new VirtualClock(Date.now());
    let plane: ControlPlane | undefined;
    const cloud = new EmbeddedCloud({
      clock,
      latency: { ...latencies.none, healthCheckIntervalMs: 1000 },
      onKill: (accessKeyId) => plane?.compute.killByAccessKey(accessKeyId),
    });
    await cloud.start();
    const { context, credentials } = cloud;
    const env = baseEnvironment(context.regionId, credentials.accountId, {
      secret: credentials.root.accessKeySecret,
    });
    const environment = environmentOf(cloud);
    const functions = startControlPlane(cloud, { workerPath, environment });
    plane = functions;
    const { compute } = functions;
    const isIdle = () => cloud.isIdle() && compute.isIdle() && compute.polling === cloud.mns.parked;
    const lapse = new TimeLapse(clock, isIdle);
    onTestFinished(async () => {
      await lapse.stop();
      await functions.close();
      await cloud.close();
    });
    for (const [role, policy] of Object.entries(rolePolicies(root, env.DUALSTACK_ALB_NAME)))
      credentials.setRolePolicies(role, [policy]);
    await bootstrap(loadConfig({ ...env, ...environment }), credentials.root);
    const names = await deployFunctions(cloud, env, async ({ handler }) => {
      const file = `${handler.split('.')[0]}.js`;
      return await upload(cloud, zip({ [file]: readFileSync(join(codeDir, file), 'utf8') }));
    });
    expect(compute.functions.map(({ functionName }) => functionName)).toEqual(names);

    const { accessKeyId, accessKeySecret } = credentials.root;
    const account = {
      ...env,
      DUALSTACK_ALB_ENDPOINT: cloud.url,
      AccessKeyID: accessKeyId,
      AccessKeySecret: accessKeySecret,
    };
    const call = (...words: string[]) => runCall(words, { root }, account, throughLoopback(cloud.url));
    const said = vi.spyOn(console, 'log').mockReturnValue();
    onTestFinished(() => said.mockRestore());
    const event = join(root, 'events', 'create-load-balancer.json');
    expect(await call('POST', '/load-balancers', event)).toBe(0);
    const [, id = ''] = /^202, Location: (\S+)$/.exec(String(said.mock.calls[0]?.[0])) ?? [];
    expect(await call('GET', id)).toBe(0);
    expect(JSON.parse(String(said.mock.calls.at(-1)?.[0]))).toMatchObject({ status: 'provisioning' });
    expect(await call('GET', '/load-balancers/nothing')).toBe(1);
    expect(said.mock.calls.at(-2)?.[0]).toBe('404');
    lapse.start();
    const status = () => String(cloud.tablestore.rows('dualstack_alb_deployments')[0]?.['status']);
    while (status() === 'provisioning') await new Promise((resolve) => setTimeout(resolve, 20));
    expect(status()).toBe('ready');

    const archives = cloud.wireLog.filter(({ service, action }) => service === 'oss' && action === 'PutObject');
    expect(archives).toHaveLength(names.length);
    // Nothing of this ran from the build: every instance has the folder of its own archive.
    expect(compute.functions.every(({ code }) => !code.startsWith(codeDir) && readdirSync(code).length === 1)).toBe(
      true,
    );
  },
);
