import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StageDriver } from '../../support/stage-driver.ts';
import { tutorial } from '../../support/tutorial.ts';

interface Shown {
  id: string;
  status: string;
  readyAfterMs: number;
  dnsName: string;
  domainName: string;
  failure?: { stage: string; code: string; message: string; remedy: string; problems: { field: string }[] };
  conditions: { type: string; status: string }[];
  stages: { name: string; needs: string[]; status: string; startedAt: string; finishedAt: string; waits: number }[];
  resources: { stage: string; type: string; id: string; created: boolean }[];
  addresses: { zoneId: string; ipv6Address: string }[];
}

let driver: StageDriver;
let readyId: string;
let failedId: string;

beforeAll(async () => {
  driver = await StageDriver.start();
  readyId = (await driver.provision(tutorial())).deploymentId;
  // One millisecond later, so that it is the newer one.
  driver.harness.clock.advance(1);
  failedId = (await driver.provision({ name: 'failing', dns: { domain: 'nobodys.example', icpFiled: true } }))
    .deploymentId;
});

afterAll(async () => {
  await driver.close();
});

const get = (path: string) => driver.harness.api('GET', path);

describe('GET /load-balancers/{id}', () => {
  it('shows a ready deployment with all that it is made of', async () => {
    const response = await get(`/load-balancers/${readyId}`);
    expect(response.status).toBe(200);
    const shown = (await response.json()) as Shown;
    expect(shown).toMatchObject({ id: readyId, status: 'ready', domainName: 'example.com' });
    expect(shown.dnsName).toMatch(/^alb-.*\.cn-shanghai\.alb\.aliyuncsslb\.com$/);
    expect(shown.readyAfterMs).toBeGreaterThan(0);
    expect(shown.conditions.map(({ type, status }) => `${type} ${status}`)).toEqual([
      'HealthyByApi True',
      'AnswersOverIpv6 True',
      'AnswersOverIpv4 True',
      'NameResolves True',
      'ZonesInService True',
    ]);
    expect(shown.addresses.map(({ zoneId }) => zoneId)).toEqual(['cn-shanghai-e', 'cn-shanghai-g']);
    for (const { ipv6Address } of shown.addresses) expect(ipv6Address).toContain(':');
  });

  it('shows each stage with what it needs and when it ran', async () => {
    const { stages } = (await (await get(`/load-balancers/${readyId}`)).json()) as Shown;
    expect(stages).toHaveLength(12);
    expect(stages.find(({ name }) => name === 'listener')).toMatchObject({
      needs: ['ipv6-internet', 'server-group'],
      status: 'done',
    });
    for (const { startedAt, finishedAt } of stages)
      expect(Date.parse(finishedAt)).toBeGreaterThanOrEqual(Date.parse(startedAt));
  });

  it('shows no lease and no client token', async () => {
    const text = await (await get(`/load-balancers/${readyId}`)).text();
    expect(text).not.toMatch(/lease|token|claimedBy/i);
  });

  it('shows why a deployment failed', async () => {
    const shown = (await (await get(`/load-balancers/${failedId}`)).json()) as Shown;
    expect(shown.status).toBe('failed');
    expect(shown.failure).toMatchObject({ stage: 'preflight', code: 'preflight.domain' });
    expect(shown.failure?.problems.map(({ field }) => field)).toEqual(['dns.domain']);
    expect(shown.failure?.remedy).toBe('Add the domain to Alibaba Cloud DNS, or use one that is there.');
  });

  it.each(['01h00000000000000000000000', 'no-id', '%2e%2e'])('answers 404 for the id %s', async (id) => {
    const response = await get(`/load-balancers/${id}`);
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
  });
});

describe('GET /load-balancers', () => {
  interface Page {
    loadBalancers: { id: string; name: string; status: string }[];
    cursor?: string;
  }

  it('lists the newest first', async () => {
    const page = (await (await get('/load-balancers')).json()) as Page;
    expect(page.loadBalancers.map(({ id, name, status }) => `${id} ${name} ${status}`)).toEqual([
      `${failedId} failing failed`,
      `${readyId} dualstack-alb ready`,
    ]);
    expect(page.cursor).toBeUndefined();
  });

  it('goes on where the last page ended', async () => {
    const first = (await (await get('/load-balancers?limit=1')).json()) as Page;
    expect(first.loadBalancers.map(({ id }) => id)).toEqual([failedId]);
    const second = (await (await get(`/load-balancers?limit=1&cursor=${first.cursor}`)).json()) as Page;
    expect(second.loadBalancers.map(({ id }) => id)).toEqual([readyId]);
  });

  it.each(['limit=0', 'limit=101', 'limit=many', 'limit=1.5', 'cursor=yesterday'])('refuses %s', async (query) => {
    const response = await get(`/load-balancers?${query}`);
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
  });
});

it('answers 404 for what is no route', async () => {
  const response = await get('/listeners');
  expect(response.status).toBe(404);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
});

describe('what is asked in a wrong way', () => {
  it.each([
    ['PUT', '/load-balancers', 'POST, GET, HEAD'],
    ['PUT', '/load-balancers/01m82r221q9jg8hh012qkc0z44', 'GET, HEAD, DELETE, PATCH'],
    ['GET', '/load-balancers/01m82r221q9jg8hh012qkc0z44/retry', 'POST'],
  ])('answers %s %s with 405 and what it takes', async (method, path, allow) => {
    const response = await driver.harness.api(method, path);
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe(allow);
    expect(await response.json()).toMatchObject({ status: 405, code: 'method-not-allowed' });
  });

  it('refuses a retry with more body than a request may have', async () => {
    const response = await driver.harness.api('POST', `/load-balancers/${failedId}/retry`, 'x'.repeat(300_000));
    expect(response.status).toBe(413);
  });
});
