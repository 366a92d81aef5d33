import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiGateway } from '../../cli/api-gateway.ts';
import { EmbeddedCloud } from '../../local/cloud.ts';
import { type ControlPlane, startControlPlane } from '../../local/control-plane.ts';
import { systemClock } from '../../shared/clock.ts';
import { doors, pageFor, tries } from './every-door.ts';
import { chromium } from './tools.ts';

const run = promisify(execFile);

describe.skipIf(chromium === undefined)('a page of another origin in a real browser', { timeout: 240_000 }, () => {
  let cloud: EmbeddedCloud;
  let functions: ControlPlane;
  let url = '';
  let pages: Server;
  let pageUrl = '';
  let profile = '';
  /** Requests that got past the edge to a service, by path. */
  const served: string[] = [];

  beforeAll(async () => {
    cloud = new EmbeddedCloud({ clock: systemClock });
    url = await cloud.start();
    functions = startControlPlane(cloud, { workerPath: '', environment: {} });
    const { credentials } = cloud;
    cloud.addService(
      new ApiGateway({
        triggerHost: 'api.cn-shanghai.fcapp.run',
        credential: credentials.root,
        trigger: functions.compute.httpService,
        nowMs: () => Date.now(),
      }),
    );
    // Before each service stands one that counts, so that the real doors are what is tried.
    for (const service of cloud.services) {
      const accepts = service.accepts.bind(service);
      service.accepts = (request) => {
        const isMeant = accepts(request);
        if (isMeant) served.push(request.path);
        return isMeant;
      };
    }
    pages = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      response.end(pageFor(url));
    }).listen(0, '127.0.0.1');
    await once(pages, 'listening');
    pageUrl = `http://127.0.0.1:${(pages.address() as AddressInfo).port}/`;
    profile = mkdtempSync(join(tmpdir(), 'chromium-'));
  });
  afterAll(async () => {
    await functions.close();
    await cloud.close();
    pages.closeAllConnections();
    pages.close();
    rmSync(profile, { recursive: true, force: true });
  });

  const open = async (address: string): Promise<string> => {
    const args = [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      `--user-data-dir=${profile}`,
    ];
    const rules = '--host-resolver-rules=MAP rebound.example 127.0.0.1';
    const { stdout } = await run(
      chromium as string,
      [...args, rules, '--virtual-time-budget=120000', '--dump-dom', address],
      { timeout: 200_000, maxBuffer: 2 ** 24 },
    );
    return stdout;
  };

  it('reads nothing and reaches no service by any of its requests', async () => {
    served.length = 0;
    const faults = cloud.faults.list().length;
    const dom = await open(pageUrl);
    expect(served).toEqual([]);
    expect(cloud.wireLog).toEqual([]);
    expect(cloud.faults.list()).toHaveLength(faults);
    expect(dom).toContain('<title>page</title>');
    expect(dom).toContain(`tried ${tries}`);
  });

  it('reaches none under a name of its own that leads here', async () => {
    served.length = 0;
    const { port } = new URL(url);
    for (const { path } of doors) {
      const dom = await open(`http://rebound.example:${port}${path}`);
      expect(dom).toContain('ForeignRequest');
      expect(dom).not.toContain(cloud.credentials.root.accessKeySecret);
    }
    expect(served).toEqual([]);
  });

  it('has tried real doors: a program reaches each service by them', async () => {
    for (const { path, headers = {} } of doors.filter((door) => !door.path.startsWith('/_local'))) {
      served.length = 0;
      await fetch(`${url}${path}`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: '{}',
      });
      expect([path, served]).toEqual([path, [new URL(path, url).pathname]]);
    }
  });

  it('is what is refused: the same browser reads what its user opens', async () => {
    const asUser = url.replace('://', `://local:${cloud.controlToken}@`);
    expect(await open(`${asUser}/_local/clock`)).toContain('nowMs');
    expect(await open(`${url}/_local/clock`)).not.toContain('nowMs');
  });
});
