import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../../functions/api/app.ts';
import { StageDriver } from '../../support/stage-driver.ts';
import { tutorial } from '../../support/tutorial.ts';

interface Problem {
  code: string;
  detail: string;
  errors: { field: string; message: string }[];
}

let driver: StageDriver;
let readyId = '';

beforeAll(async () => {
  driver = await StageDriver.start({ latency: 'none' });
  readyId = (await driver.provision({ ...tutorial(), loadBalancer: { deletionProtection: true } })).deploymentId;
});
afterAll(() => driver.close());

const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  driver.harness.api(method, path, body, headers);
const one = () => `/load-balancers/${readyId}`;

describe('a query', () => {
  const problemOf = async (method: string, path: string): Promise<Problem> => {
    const response = await call(method, path);
    expect(response.status).toBe(400);
    const problem = (await response.json()) as Problem;
    expect(problem.code).toBe('invalid-query');
    return problem;
  };

  it.each([
    ['DELETE', '?liftDeletionprotection=true', 'liftDeletionprotection', 'did you mean liftDeletionProtection?'],
    ['DELETE', '?force', 'force', 'it has liftDeletionProtection'],
    ['DELETE', '?liftDeletionProtection=yes', 'liftDeletionProtection', 'must be true or false (found "yes")'],
    ['DELETE', '?liftDeletionProtection', 'liftDeletionProtection', 'must be true or false (found "")'],
    [
      'DELETE',
      '?liftDeletionProtection=true&liftDeletionProtection=true',
      'liftDeletionProtection',
      'must be given once',
    ],
    ['GET', '?limit=1', 'limit', 'is not a query parameter of this call, which has none'],
    ['HEAD', '?limit=1', 'limit', ''],
    ['PATCH', '?constructor=1', 'constructor', 'which has none'],
    ['POST', '/apply?dryRun=true', 'dryRun', 'which has none'],
    ['GET', '/observations?limt=1', 'limt', 'did you mean limit?'],
    ['GET', '/observations?before=yesterday', 'before', 'must be an instant such as'],
    ['GET', '/events?kind=allert', 'kind', 'must be one of alert, cut-off, dead-letter, front, zones'],
    ['GET', '/events?cursor=1', 'cursor', 'must be one that a listing answered'],
  ])('is refused where %s %s says something else than it knows', async (method, path, field, message) => {
    const response = await call(method, `${one()}${path}`);
    expect(response.status).toBe(400);
    if (method === 'HEAD') return;
    const problem = (await response.json()) as Problem;
    expect(problem).toMatchObject({ code: 'invalid-query', errors: [{ field }] });
    expect(problem.errors[0]?.message).toContain(message);
    expect((await driver.harness.record(readyId)).status).toBe('ready');
  });

  it.each(['constructor', '__proto__', 'toString'])('is refused for the parameter %s', async (word) => {
    const { errors } = await problemOf('GET', `/load-balancers?${word}=1`);
    expect(errors).toEqual([
      { field: word, message: 'is not a query parameter of this call; it has limit, cursor, status, name' },
    ]);
  });

  it('is told everything that is wrong with it', async () => {
    const { errors } = await problemOf('GET', '/load-balancers?limit=0&status=raedy&nmae=x');
    expect(errors.map(({ field }) => field)).toEqual(['limit', 'status', 'nmae']);
  });

  it('makes no answer of what is no route', async () => {
    expect((await call('GET', '/elsewhere?a=1')).status).toBe(404);
    expect((await call('GET', `${one()}/elsewhere?a=1`)).status).toBe(404);
    expect((await call('PUT', `${one()}?a=1`)).status).toBe(405);
  });
});

describe('a listing', () => {
  interface Page {
    loadBalancers: { id: string; name: string; status: string }[];
    cursor?: string;
  }
  const page = async (query: string): Promise<Page> =>
    (await (await call('GET', `/load-balancers?${query}`)).json()) as Page;

  beforeAll(async () => {
    for (let count = 1; count <= 5; count += 1) {
      driver.harness.clock.advance(1);
      await driver.provision({ name: `failing-${count}`, dns: { domain: 'nobodys.example', icpFiled: true } });
    }
  });

  it('has those of one status alone', async () => {
    const { loadBalancers } = await page('status=ready');
    expect(loadBalancers.map(({ id }) => id)).toEqual([readyId]);
    expect((await page('status=released')).loadBalancers).toEqual([]);
  });

  it('has the one of a name', async () => {
    expect((await page('name=failing-3')).loadBalancers.map(({ name }) => name)).toEqual(['failing-3']);
    expect((await page('name=failing')).loadBalancers).toEqual([]);
    expect((await page('name=failing-3&status=ready')).loadBalancers).toEqual([]);
  });

  it('goes on where the last page of a filter ended', async () => {
    const names: string[] = [];
    let cursor: string | undefined = '';
    for (let pages = 0; cursor !== undefined; pages += 1) {
      expect(pages).toBeLessThan(5);
      const next: Page = await page(`status=failed&limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
      expect(next.loadBalancers.length).toBeLessThanOrEqual(2);
      names.push(...next.loadBalancers.map(({ name }) => name));
      ({ cursor } = next);
    }
    expect(names).toEqual(['failing-5', 'failing-4', 'failing-3', 'failing-2', 'failing-1']);
  });
});

describe('a call', () => {
  it.each([
    ['DELETE', '', { liftDeletionProtection: true }, 'liftDeletionProtection'],
    ['POST', '/probe', { path: '/health' }, 'path'],
    ['POST', '/probe', [], ''],
  ])('that takes no body refuses one: %s %s', async (method, path, body, field) => {
    const response = await call(method, `${one()}${path}`, body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'invalid-request', errors: [{ field }] });
    expect((await driver.harness.record(readyId)).status).toBe('ready');
  });

  it('that takes no body does not mind an empty one', async () => {
    expect((await call('POST', `${one()}/probe`, {})).status).toBe(200);
  });

  it('is the same with a slash at its end', async () => {
    expect(await (await call('GET', `${one()}/`)).json()).toMatchObject({ id: readyId });
    expect(await (await call('GET', '/load-balancers/?limit=1')).json()).toMatchObject({ loadBalancers: [{}] });
    expect((await call('GET', `${one()}/events/`)).status).toBe(200);
  });

  it.each(['', '/events', '/observations'])('HEAD …%s is answered as GET is, without a body', async (path) => {
    const [head, get] = [await call('HEAD', `${one()}${path}`), await call('GET', `${one()}${path}`)];
    expect([head.status, head.headers.get('content-type')]).toEqual([get.status, get.headers.get('content-type')]);
    expect(await head.text()).toBe('');
    expect((await call('HEAD', '/load-balancers/01m82r221q9jg8hh012qkc0z44')).status).toBe(404);
  });

  it.each([
    'text/xml',
    'multipart/form-data; boundary=x',
    'application/json-patch+json',
    'application/json; charset=gbk',
  ])('with a body of %s is answered 415', async (type) => {
    const response = await call('PATCH', one(), '{"dns":{"ttl":700}}', { 'content-type': type });
    expect(response.status).toBe(415);
    expect(await response.json()).toMatchObject({ code: 'unsupported-media-type' });
  });

  it.each(['', 'application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x', 'text/json'])(
    'with a body of "%s", as a page can send it anywhere, is refused before it is read',
    async (type) => {
      for (const [method, path] of [
        ['POST', '/load-balancers'],
        ['PATCH', one()],
        ['POST', `${one()}/apply`],
        ['DELETE', one()],
      ] as const) {
        const response = await call(method, path, '{}', { 'content-type': type });
        expect(response.status).toBe(415);
        expect(await response.json()).toMatchObject({ detail: expect.stringContaining('(curl: --json)') as string });
      }
    },
  );

  it.each(['application/json; charset=UTF-8', 'application/merge-patch+json'])(
    'with a body of %s is read as JSON',
    async (type) => {
      const response = await call('PATCH', one(), '{"nmae":"x"}', { 'content-type': type });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ code: 'invalid-request' });
    },
  );

  it('says when to come again where the store does not answer', async () => {
    const { cloud } = driver.harness;
    cloud.faults.add({ kind: 'unavailable', service: 'tablestore', functionName: 'dualstack-alb-api', times: 0 });
    const response = await call('GET', one());
    cloud.faults.clear();
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
  });
});

it('shows no condition of what is released', async () => {
  expect((await call('DELETE', `${one()}?liftDeletionProtection=true`)).status).toBe(202);
  expect(await (await call('GET', one())).json()).toMatchObject({ status: 'releasing', conditions: [] });
  await driver.run();
  expect(await (await call('GET', one())).json()).toMatchObject({ status: 'released', conditions: [] });
});

describe('a body whose hash is signed', () => {
  const hash = (text: string) => createHash('sha256').update(text).digest('hex');

  it('is taken where it is the one', async () => {
    const body = { ...tutorial(), name: 'signed' };
    const response = await call('POST', '/load-balancers', body, {
      'x-acs-content-sha256': hash(JSON.stringify(body)),
    });
    expect(response.status).toBe(202);
  });

  it.each([
    ['POST', ''],
    ['PATCH', '/01khq0000000000000000000ab'],
    ['POST', '/01khq0000000000000000000ab/retry'],
    ['POST', '/01khq0000000000000000000ab/apply'],
    ['POST', '/01khq0000000000000000000ab/probe'],
    ['DELETE', '/01khq0000000000000000000ab'],
  ])('is refused for %s /load-balancers%s where it is another', async (method, path) => {
    const headers = { 'x-acs-content-sha256': hash('another') };
    const response = await call(method, `/load-balancers${path}`, { ...tutorial(), name: 'other' }, headers);
    expect(await response.json()).toMatchObject({ code: 'body-not-signed', status: 400 });
  });
});

describe('a body that is no request by its shape', () => {
  const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
  const lists = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
  const many = JSON.stringify(Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [`k${at}`, 1])));

  it.each([
    ['POST', '', deep(30_000)],
    ['POST', '', lists(100_000)],
    ['POST', '', many],
    ['PATCH', 'one', `{"backends":${lists(100_000)}}`],
    ['PATCH', 'one', `{"alerts":${deep(40)}}`],
    ['PATCH', 'one', many],
    ['POST', 'one/retry', deep(30_000)],
    ['POST', 'one/apply', `{"adopt":${lists(100_000)}}`],
    ['POST', 'one/probe', many],
    ['DELETE', 'one', deep(30_000)],
  ])('is refused in few words for %s /load-balancers/%s', async (method, path, body) => {
    const app = createApp(driver.harness.runtime('api', `${driver.harness.config.name}-api`), 'a');
    const response = await app.request(`/load-balancers/${path.replace('one', readyId)}`.replace(/\/$/, ''), {
      method,
      body,
      headers: { 'content-type': 'application/json' },
    });
    expect(response.status).toBe(400);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ code: 'invalid-request' });
    expect(text.length).toBeLessThan(1000);
  });
});
