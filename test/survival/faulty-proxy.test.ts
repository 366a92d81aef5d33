import { expect, it } from 'vitest';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Shell } from '../support/command.ts';
import { patienceMs } from '../support/installation.ts';
import { startFaultyProxy } from './faulty-proxy.ts';

it(
  'npm start works on a cloud elsewhere, behind a proxy that breaks calls in four ways',
  { timeout: 2 * patienceMs },
  async (context) => {
    const shell = new Shell(context);
    const directory = shell.directory();
    const [urlFile, report] = [join(directory, 'url'), join(directory, 'report.json')];
    const cloud = shell.main(['cloud', '--latency', 'none', '--url-file', urlFile]);
    await cloud.until(/Ctrl-C ends it/);
    const cloudUrl = await whenWritten(urlFile);
    const proxy = await startFaultyProxy(cloudUrl, { chanceOfEach: 0.012, slowMs: 1500 });
    context.onTestFinished(proxy.close);
    const ended = await shell.main(['start', '--once', '--keep', '--endpoint', proxy.url, '--report', report]).ended;
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stdout).toContain('Hello World ! this is ipv4 rs.');
    expect(ended.stdout).toContain('Hello World ! this is ipv6 rs.');
    expect(Object.values(proxy.struck)).not.toContain(0);

    // Every call that reached the cloud came through the proxy.
    const { next } = (await (await fetch(`${cloudUrl}/_local/wire-log?from=9999999`)).json()) as { next: number };
    expect(next).toBe(proxy.seen.forwarded);
    const { wireCalls } = JSON.parse(readFileSync(report, 'utf8')) as { wireCalls: number };
    expect(wireCalls).toBeGreaterThan(200);
    const snapshot = (await (await fetch(`${cloudUrl}/_local/snapshot`)).json()) as Record<string, { length: number }>;
    const counted = ['vpcs', 'vSwitches', 'ipv6Gateways', 'instances', 'loadBalancers', 'serverGroups', 'listeners'];
    expect(counted.map((name) => snapshot[name]?.length)).toEqual([1, 2, 1, 2, 1, 1, 1]);
    expect(snapshot['domainRecords']).toHaveLength(1);
    cloud.signal('SIGTERM');
    expect((await cloud.ended).code).toBe(0);
  },
);

async function whenWritten(file: string): Promise<string> {
  while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 20));
  return readFileSync(file, 'utf8').trim();
}
