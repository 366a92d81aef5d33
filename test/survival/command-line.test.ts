import { expect, it } from 'vitest';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Shell } from '../support/command.ts';
import { patienceMs } from '../support/installation.ts';
import { startFaultyProxy } from './faulty-proxy.ts';

it.concurrent(
  'npm start works on a cloud elsewhere, behind a proxy that breaks calls in four ways',
  { timeout: 2 * patienceMs },
  async (context) => {
    const shell = new Shell(context);
    const directory = shell.directory();
    const [urlFile, report] = [join(directory, 'url'), join(directory, 'report.json')];
    const cloud = shell.main(['cloud', '--latency', 'none', '--url-file', urlFile]);
    await cloud.until(/Ctrl-C ends it/);
    const cloudUrl = await whenWritten(urlFile);
    const { controlToken } = JSON.parse(readFileSync(`${urlFile}.keys.json`, 'utf8')) as { controlToken: string };
    const headers = { authorization: `Bearer ${controlToken}` };
    const proxy = await startFaultyProxy(cloudUrl, { chanceOfEach: 0.012, slowMs: 1500 });
    context.onTestFinished(proxy.close);
    const ended = await shell.main(['start', '--once', '--keep', '--endpoint', proxy.url, '--report', report], {
      EMBEDDED_CLOUD_CONTROL_TOKEN: controlToken,
    }).ended;
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stdout).toContain('Hello World ! this is ipv4 rs.');
    expect(ended.stdout).toContain('Hello World ! this is ipv6 rs.');
    expect(Object.values(proxy.struck)).not.toContain(0);

    // Every call that reached the cloud came through the proxy.
    const { next } = (await (await fetch(`${cloudUrl}/_local/wire-log?from=9999999`, { headers })).json()) as {
      next: number;
    };
    expect(next).toBe(proxy.seen.forwarded);
    const { wireCalls } = JSON.parse(readFileSync(report, 'utf8')) as { wireCalls: number };
    expect(wireCalls).toBeGreaterThan(200);
    const snapshot = (await (await fetch(`${cloudUrl}/_local/snapshot`, { headers })).json()) as Record<
      string,
      { length: number }
    >;
    const counted = ['vpcs', 'vSwitches', 'ipv6Gateways', 'instances', 'loadBalancers', 'serverGroups', 'listeners'];
    expect(counted.map((name) => snapshot[name]?.length)).toEqual([1, 2, 1, 2, 1, 1, 1]);
    expect(snapshot['domainRecords']).toHaveLength(1);
    cloud.signal('SIGTERM');
    expect((await cloud.ended).code).toBe(0);
  },
);

it('npm start exits with 1 and the reason when the deployment fails', { timeout: 2 * patienceMs }, async (context) => {
  const shell = new Shell(context);
  const directory = shell.directory();
  const [faults, report] = [join(directory, 'faults.json'), join(directory, 'report.json')];
  const refusal = { kind: 'error', service: 'alb', action: 'CreateLoadBalancer', times: 0 };
  writeFileSync(faults, JSON.stringify([{ ...refusal, code: 'QuotaExceeded.LoadBalancersNum' }]));
  const args = ['start', '--once', '--latency', 'none', '--faults', faults, '--report', report];
  const { code, stdout } = await shell.main(args).ended;
  expect(code).toBe(1);
  expect(stdout).toContain('the deployment is failed');
  expect(stdout).toContain('QuotaExceeded.LoadBalancersNum');
  const { stages, ...written } = JSON.parse(readFileSync(report, 'utf8')) as {
    stages: { name: string; status: string }[];
  };
  expect(written).toMatchObject({ status: 'failed', failure: { stage: 'load-balancer' } });
  // How far it got, not how that was rolled back.
  const statusOf = Object.fromEntries(stages.map(({ name, status }) => [name, status]));
  expect(statusOf).toMatchObject({ network: 'done', 'load-balancer': 'failed', verify: 'pending' });
});

async function whenWritten(file: string): Promise<string> {
  while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 20));
  return readFileSync(file, 'utf8').trim();
}
