import { describe, expect, it } from 'vitest';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { stageNames } from '../../shared/pipeline.ts';
import { patienceMs } from '../support/installation.ts';
import { type Ended, Shell } from '../support/command.ts';

const pages = ['Hello World ! this is ipv4 rs.', 'Hello World ! this is ipv6 rs.'];

const readJson = (file: string): Record<string, unknown> =>
  JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;

const readLines = (file: string): Record<string, unknown>[] =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const anInstant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string;
const aText = expect.any(String) as string;
const aNumber = expect.any(Number) as number;

const finishedStage = (name: string) => ({
  name,
  status: 'done',
  startedAt: anInstant,
  finishedAt: anInstant,
  attempts: aNumber,
  waits: aNumber,
});

interface CurlRun {
  command: string;
  remoteAddress: string;
  verbose: string[];
  status: number;
  body: string;
}

// Most of their time is spent waiting, so they run side by side.
describe.concurrent('runs', { timeout: 2 * patienceMs }, () => {
  it('runs the tutorial’s request with npm start and reports all of it', async (context) => {
    const shell = new Shell(context);
    const directory = shell.directory();
    const [report, wireLog] = [join(directory, 'report.json'), join(directory, 'wire.jsonl')];
    const args = ['start', '--', '--once', '--latency', 'none', '--report', report, '--wire-log', wireLog];
    const ended = await shell.start('npm', args).ended;
    expect(ended).toMatchObject({ code: 0 });
    for (const page of pages) expect(ended.stdout).toContain(page);
    // At the end it releases, and proves twice that nothing is left.
    expect(ended.stdout).toMatch(
      /DELETE \/load-balancers\/[^]+\n {2}released\n {2}look 1 at \S+: \d+ questions, nothing found\n {2}look 2 at \S+: \d+ questions, nothing found\n/,
    );

    const written = readJson(report);
    expect(written).toMatchObject({
      deploymentId: expect.stringMatching(/^[0-9a-hjkmnp-tv-z]{26}$/) as string,
      status: 'ready',
      conditions: [
        { type: 'HealthyByApi', status: 'True' },
        { type: 'AnswersOverIpv6', status: 'True' },
        { type: 'AnswersOverIpv4', status: 'True' },
        { type: 'NameResolves', status: 'True' },
        { type: 'ZonesInService', status: 'True' },
      ],
      readyAfterMs: aNumber,
      wireCalls: aNumber,
    });
    expect(written['stages']).toEqual(stageNames.map(finishedStage));
    const resources = written['resources'] as Record<string, unknown>[];
    for (const resource of resources) expect(resource).toEqual({ stage: aText, type: aText, id: aText, created: true });
    expect(resources.map(({ type }) => type).join(' ')).toBe(
      'VPC VSwitch VSwitch Ipv6Gateway SecurityGroup ServerGroup LoadBalancer ' +
        'Instance Instance BackendServer BackendServer Listener DomainRecord',
    );
    const curl = written['curl'] as CurlRun[];
    expect(curl.map(({ status }) => status)).toEqual(curl.map(() => 200));
    expect(new Set(curl.map(({ body }) => body.trim()))).toEqual(new Set(pages));
    for (const { command, remoteAddress, verbose } of curl) {
      expect(verbose).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/^\* +Trying \[::1\]:\d+/) as string,
          '> GET / HTTP/1.1',
          '> Host: example.com',
          '< HTTP/1.1 200 OK',
          expect.stringMatching(/^< x-backend-server: /i) as string,
        ]),
      );
      expect(command).toMatch(/^curl -6 -sSv .*http:\/\/example\.com\//);
      expect(remoteAddress).toBe('::1');
      expect(ended.stdout).toContain(`$ ${command}`);
    }

    const calls = readLines(wireLog);
    expect(calls.length).toBeGreaterThanOrEqual(written['wireCalls'] as number);
    // What the command line itself asks is none of the cloud's calls.
    expect(calls.filter(({ service }) => service === 'gateway')).toEqual([]);
    for (const call of calls)
      expect(call).toEqual({
        time: anInstant,
        service: aText,
        version: aText,
        action: aText,
        params: expect.any(Object) as object,
        httpStatus: aNumber,
        code: aText,
        requestId: expect.stringMatching(/^[0-9A-F-]{36}$/) as string,
        clientToken: aText,
        caller: aText,
      });
    expect(calls.filter(({ action }) => action === 'CreateLoadBalancer')).toMatchObject([
      {
        service: 'alb',
        version: '2020-06-16',
        params: { AddressIpVersion: 'DualStack', AddressType: 'Internet' },
        httpStatus: 200,
        code: '',
        clientToken: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        caller: 'dualstack-alb-load-balancer',
      },
    ]);
  });

  it('adopts a network, asks with the built-in client where there is no curl, serves until Ctrl-C', async (context) => {
    const shell = new Shell(context);
    const directory = shell.directory();
    const report = join(directory, 'report.json');
    const event = 'events/create-load-balancer-existing-network.json';
    const running = shell.main(['start', '--latency', 'none', '--event', event, '--report', report], {
      PATH: directory,
      EMBEDDED_CLOUD_CONTROL_TOKEN: 'none',
    });
    const [, url = ''] = await running.until(/Serving at (http:\S+) until Ctrl-C/);
    const listed = (await (await fetch(url)).json()) as { loadBalancers: { name: string; status: string }[] };
    expect(listed.loadBalancers).toMatchObject([{ name: 'dualstack-alb-existing', status: 'ready' }]);
    // What is asked wrongly of the API and of the controls is answered in words.
    expect(await answerOf(`${url}?limit=1&limit=2`)).toMatch(/^400 .*limit is given twice/);
    expect(await answerOf(new URL('/_local/%zz', url).href)).toMatch(/^400 .*not a well-formed path/);
    running.signal('SIGINT');
    const ended = await running.ended;
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain('no curl on this machine: the built-in client asks instead');
    for (const page of pages) expect(ended.stdout).toContain(page);
    const written = readJson(report);
    expect(written['status']).toBe('ready');
    const adopted = (written['resources'] as { type: string; created: boolean }[]).filter(({ created }) => !created);
    expect(adopted.map(({ type }) => type).join(' ')).toBe('VPC VSwitch VSwitch Ipv6Gateway Instance Instance');
    expect((written['curl'] as CurlRun[]).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  });

  it('says all that is wrong with a request that adopts a network, before it brings one into being', async (context) => {
    const shell = new Shell(context);
    const directory = shell.directory();
    const [event, report] = [join(directory, 'event.json'), join(directory, 'report.json')];
    writeFileSync(event, JSON.stringify({ network: { vpcId: 7, vSwitchIds: ['vsw-a', 'vsw-b'] }, backends: [null] }));
    const { code, stderr } = await shell.main(['start', '--once', '--event', event, '--report', report]).ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/refused \(400\)[^]*backends\.0[^]*/);
    expect(stderr).toContain('network.vpcId');
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(readJson(report)).toMatchObject({ status: 'unfinished', reason: expect.stringContaining('400') as string });
  });
});

/** The one sentence, and no stack. */
function expectSentence({ code, stderr }: Ended, sentence: RegExp): void {
  expect(stderr).toMatch(sentence);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(code).toBe(1);
}

describe.concurrent('refusals', { timeout: patienceMs }, () => {
  const preload = (shell: Shell, source: string) => {
    const file = join(shell.directory(), 'preload.cjs');
    writeFileSync(file, source);
    return { NODE_OPTIONS: `--require ${file}` };
  };

  it('says that Node is too old', async (context) => {
    const shell = new Shell(context);
    const old = "{ ...process.versions, node: '20.18.3' }";
    const env = preload(shell, `Object.defineProperty(process, 'versions', { value: ${old} });`);
    expectSentence(await shell.main(['start'], env).ended, /needs Node\.js 20\.19 or newer; this is 20\.18\.3/);
  });

  it.for(['start', 'cloud'])('says that the machine has no IPv6 loopback address (%s)', async (command, context) => {
    const shell = new Shell(context);
    const env = preload(
      shell,
      `const { Server } = require('node:net');
      const { listen } = Server.prototype;
      Server.prototype.listen = function (...args) {
        if (args[1] !== '::1') return listen.apply(this, args);
        const error = new Error('listen EADDRNOTAVAIL: address not available ::1');
        process.nextTick(() => this.emit('error', Object.assign(error, { code: 'EADDRNOTAVAIL' })));
        return this;
      };`,
    );
    expectSentence(await shell.main([command], env).ended, /This machine has no IPv6 loopback address \(::1\)/);
  });

  it.for(['start', 'cloud'])('says that the port is taken (%s)', async (command, context) => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
    context.onTestFinished(() => void holder.close());
    const { port } = holder.address() as AddressInfo;
    const { ended } = new Shell(context).main([command, '--port', String(port)]);
    expectSentence(await ended, new RegExp(`Port ${port} is taken on this machine`));
  });
});

async function answerOf(url: string): Promise<string> {
  const response = await fetch(url);
  return `${response.status} ${await response.text()}`;
}
