import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EmbeddedCloud } from '../../local/cloud.ts';
import { systemClock } from '../../shared/clock.ts';
import { chromium } from './tools.ts';

const run = promisify(execFile);

/** Every way in which a page may send something to the cloud; it counts the ways that it has tried. */
const pageFor = (
  cloud: string,
): string => `<!doctype html><title>page</title><body><iframe name="frame"></iframe><script>
const doors = ['/_local/endpoints', '/load-balancers', '/2023-03-30/functions', '/_local/faults'];
const tries = doors.flatMap((door) => [
  () => fetch('${cloud}' + door, { mode: 'no-cors' }),
  () => fetch('${cloud}' + door).then((answer) => answer.text()).then((text) => { document.title = 'read ' + text; }),
  () => fetch('${cloud}' + door, { method: 'POST', mode: 'no-cors', headers: { 'content-type': 'text/plain' }, body: '{}' }),
  () => fetch('${cloud}' + door, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }),
  () => new Promise((done) => { const image = new Image(); image.onload = image.onerror = done; image.src = '${cloud}' + door; }),
  () => new Promise((done) => {
    const form = document.createElement('form');
    Object.assign(form, { method: 'post', action: '${cloud}' + door, target: 'frame', enctype: 'text/plain' });
    document.body.append(form);
    document.querySelector('iframe').onload = done;
    form.submit();
  }),
]);
(async () => {
  for (const attempt of tries) await attempt().catch(() => undefined);
  document.body.append('tried ' + tries.length);
})();
</script>`;

describe.skipIf(chromium === undefined)('a page of another origin in a real browser', { timeout: 120_000 }, () => {
  let cloud: EmbeddedCloud;
  let url = '';
  let pages: Server;
  let pageUrl = '';
  let profile = '';
  /** Requests that got past the edge, by path. */
  const served: string[] = [];

  beforeAll(async () => {
    cloud = new EmbeddedCloud({ clock: systemClock });
    cloud.addService({
      name: 'door',
      isDoor: true,
      accepts: () => true,
      describe: () => ({ service: 'door', version: '', action: '', params: {} }),
      refuse: (_request, status) => ({ status, headers: {}, body: '' }),
      handle: async ({ path }) => {
        served.push(path);
        return { status: 200, headers: {}, body: '{}' };
      },
    });
    url = await cloud.start();
    pages = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      response.end(pageFor(url));
    }).listen(0, '127.0.0.1');
    await once(pages, 'listening');
    pageUrl = `http://127.0.0.1:${(pages.address() as AddressInfo).port}/`;
    profile = mkdtempSync(join(tmpdir(), 'chromium-'));
  });
  afterAll(async () => {
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
      [...args, rules, '--virtual-time-budget=20000', '--dump-dom', address],
      { timeout: 100_000, maxBuffer: 2 ** 24 },
    );
    return stdout;
  };

  it('reads nothing and reaches no service by any of its requests', async () => {
    served.length = 0;
    const faults = cloud.faults.list().length;
    const dom = await open(pageUrl);
    expect(dom).toContain('tried 24');
    expect(dom).toContain('<title>page</title>');
    expect(served).toEqual([]);
    expect(cloud.wireLog).toEqual([]);
    expect(cloud.faults.list()).toHaveLength(faults);
  });

  it('gets nothing under a name of its own that leads here', async () => {
    const { port } = new URL(url);
    const dom = await open(`http://rebound.example:${port}/_local/endpoints`);
    expect(dom).toContain('ForeignRequest');
    expect(dom).not.toContain(cloud.credentials.root.accessKeySecret);
  });

  it('is what is refused: the same browser reads what a user opens, and a program is served', async () => {
    const asUser = url.replace('://', `://local:${cloud.controlToken}@`);
    expect(await open(`${asUser}/_local/clock`)).toContain('nowMs');
    expect(await open(`${url}/_local/clock`)).not.toContain('nowMs');
    await fetch(`${url}/load-balancers`, { method: 'POST', body: '{}' });
    expect(served).toContain('/load-balancers');
  });
});
