import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cloudResources, oneOfEverything, typesIn } from '../../support/cloud-resources.ts';
import { StageDriver } from '../../support/stage-driver.ts';
import { tutorial } from '../../support/tutorial.ts';

let driver: StageDriver;

beforeEach(async () => {
  driver = await StageDriver.start({ latency: 'none' });
});

afterEach(async () => {
  await driver.close();
});

const post = (body: unknown, headers: Record<string, string> = {}) =>
  driver.harness.api('POST', '/load-balancers', body, headers);

const idOf = (response: Response | undefined): string => response?.headers.get('location')?.split('/').at(-1) ?? '';

const rowsOf = (table: string) => driver.harness.cloud.tablestore.rows(`dualstack_alb_${table}`);

const messages = () => driver.liveMessages();

/** Nothing of a refused request stays: no row, no message, nothing in the cloud. */
function expectNothing(): void {
  for (const table of ['deployments', 'active', 'idempotency']) expect(rowsOf(table)).toEqual([]);
  expect(messages()).toEqual([]);
  expect(cloudResources(driver.harness.cloud)).toEqual([]);
}

interface Problem {
  title: string;
  status: number;
  detail: string;
  code: string;
  errors?: { field: string; message: string }[];
}

async function problemOf(response: Response, status: number): Promise<Problem> {
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const problem = (await response.json()) as Problem;
  expect(problem.status).toBe(status);
  return problem;
}

describe('a good request', () => {
  it('is answered 202 with where the deployment is', async () => {
    const response = await post(tutorial());
    expect(response.status).toBe(202);
    expect(response.headers.get('location')).toMatch(/^\/load-balancers\/[0-9a-hjkmnp-tv-z]{26}$/);
    const body = (await response.json()) as { id: string; status: string };
    expect(body).toMatchObject({ id: idOf(response), status: 'provisioning' });
  });

  it('leaves one record, one place in the list that the sweep walks, one message', async () => {
    const id = idOf(await post(tutorial()));
    expect(rowsOf('deployments').map((row) => row['id'])).toEqual([id]);
    expect(rowsOf('active').map((row) => row['id'])).toEqual([id]);
    expect(messages()).toEqual(['preflight/0']);
  });

  it('may have a name alone: everything else takes the tutorial’s values', async () => {
    const response = await post({ name: 'web' });
    expect(response.status).toBe(202);
    const { spec } = await driver.harness.record(idOf(response));
    expect(spec.backends.map(({ name, family }) => `${name} ${family}`)).toEqual(['ECS01 ipv4', 'ECS02 ipv6']);
    expect(spec.listener).toMatchObject({ protocol: 'HTTP', port: 80 });
  });
});

describe('a bad request', () => {
  it.each([
    ['no JSON', '{"name": ', 'malformed-json'],
    ['no object', '[1, 2]', 'invalid-request'],
    ['a string', '"tutorial"', 'invalid-request'],
    ['null', 'null', 'invalid-request'],
    ['empty', '', 'invalid-request'],
    ['an empty object', '{}', 'invalid-request'],
  ])('is refused when its body is %s', async (_what, body, code) => {
    const problem = await problemOf(await post(body), 400);
    expect(problem.code).toBe(code);
    expectNothing();
  });

  it('is refused when its body is too large', async () => {
    const problem = await problemOf(await post({ name: 'x'.repeat(300 * 1024) }), 413);
    expect(problem.code).toBe('body-too-large');
    expectNothing();
  });

  const vSwitch = (zoneId: string, part: number) => ({ name: `s${part}`, zoneId, cidrBlock: `192.168.${part}.0/24` });

  it.each<[string, unknown, { field: string; message: string }[]]>([
    [
      'an unknown key',
      { nam: 'typo' },
      [{ field: 'nam', message: 'is not a field of the request: did you mean name?' }],
    ],
    [
      'an unknown key deep inside',
      { listener: { protocol: 'HTTP', prot: 80 } },
      [{ field: 'listener.prot', message: 'is not a field of the request: did you mean port?' }],
    ],
    [
      'one zone',
      { network: { vSwitches: [vSwitch('cn-shanghai-e', 1)] } },
      [
        {
          field: 'network.vSwitches',
          message: 'a dual-stack load balancer needs vSwitches in two different zones (found a list of 1)',
        },
      ],
    ],
    [
      'one vSwitch of an existing network',
      { network: { vpcId: 'vpc-one', vSwitchIds: ['vsw-one'] } },
      [
        {
          field: 'network.vSwitchIds',
          message: 'a dual-stack load balancer needs vSwitches in two different zones (found a list of 1)',
        },
      ],
    ],
    [
      'the same zone twice',
      { network: { vSwitches: [vSwitch('cn-shanghai-e', 1), vSwitch('cn-shanghai-e', 2)] } },
      [
        {
          field: 'network.vSwitches',
          message: 'zone cn-shanghai-e is given twice: a load balancer takes one vSwitch per zone',
        },
      ],
    ],
    [
      'the same vSwitch twice',
      { network: { vpcId: 'vpc-one', vSwitchIds: ['vsw-one', 'vsw-one'] } },
      [{ field: 'network.vSwitchIds', message: 'vsw-one is given twice' }],
    ],
    [
      'existing servers in a network that is to be made',
      { backends: [{ name: 'ECS01', family: 'ipv4', instanceId: 'i-one' }] },
      [
        {
          field: 'backends.0.instanceId',
          message: 'an existing instance needs its existing network: give network.vpcId and network.vSwitchIds',
        },
      ],
    ],
    [
      'a domain of the mainland without the word on its filing',
      { dns: { domain: 'example.com' } },
      [{ field: 'dns.icpFiled', message: expect.stringContaining('needs an ICP filing') as string }],
    ],
    [
      'only weights of 0',
      { backends: [{ name: 'ECS01', family: 'ipv4', page: 'page', weight: 0 }] },
      [{ field: 'backends', message: 'every weight is 0: no backend would get a request' }],
    ],
    [
      'another region',
      { regionId: 'cn-hangzhou', network: { vSwitches: [vSwitch('cn-hangzhou-h', 1), vSwitch('cn-hangzhou-i', 2)] } },
      [{ field: 'regionId', message: 'this installation works in cn-shanghai' }],
    ],
    [
      'several of these',
      { nam: 'typo', listener: { port: 0 }, dns: { domain: 'no domain.example', ttl: 0, icpFiled: true } },
      [
        { field: 'nam', message: 'is not a field of the request: did you mean name?' },
        { field: 'listener.port', message: expect.any(String) as string },
        {
          field: 'dns.domain',
          message: expect.stringContaining('must be a domain name such as example.com') as string,
        },
        { field: 'dns.ttl', message: expect.any(String) as string },
      ],
    ],
  ])('is refused for %s', async (_what, body, errors) => {
    const problem = await problemOf(await post({ name: 'web', ...(body as object) }), 400);
    expect(problem.code).toBe('invalid-request');
    expect(problem.errors).toHaveLength(errors.length);
    expect(problem.errors).toEqual(expect.arrayContaining(errors));
    expectNothing();
  });

  it.each(['', 'with space', 'umlaut-ä', 'x'.repeat(201)])('is refused for the Idempotency-Key %j', async (key) => {
    // Header values are bytes: what is not ASCII arrives as Latin-1.
    const problem = await problemOf(await post(tutorial(), { 'idempotency-key': key }), 400);
    expect(problem.code).toBe('idempotency-key');
    expectNothing();
  });
});

describe('an Idempotency-Key', () => {
  const key = { 'idempotency-key': 'order-17' };

  it('makes the same request one deployment', async () => {
    const ids = [idOf(await post(tutorial(), key)), idOf(await post(tutorial(), key))];
    expect(new Set(ids).size).toBe(1);
    expect(rowsOf('deployments')).toHaveLength(1);
    await driver.run();
    expect((await driver.harness.record(ids[0] ?? '')).status).toBe('ready');
    expect(typesIn(cloudResources(driver.harness.cloud))).toEqual(Object.values(oneOfEverything).flat().sort());
  });

  it('makes requests that come at once one deployment', async () => {
    const responses = await Promise.all([1, 2, 3, 4].map(() => post(tutorial(), key)));
    expect(responses.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
    expect(new Set(responses.map(idOf)).size).toBe(1);
    expect(rowsOf('deployments')).toHaveLength(1);
    expect(rowsOf('active')).toHaveLength(1);
  });

  it('looks at what a body means, not at how it is written', async () => {
    const first = await post({ name: 'one', listener: { protocol: 'HTTP', port: 80 } }, key);
    const second = await post({ listener: { port: 80 }, name: 'one' }, key);
    expect(second.status).toBe(202);
    expect(idOf(second)).toBe(idOf(first));
  });

  it('refuses another body', async () => {
    await post({ name: 'one' }, key);
    const problem = await problemOf(await post({ name: 'two' }, key), 422);
    expect(problem.code).toBe('idempotency-key-reused');
    expect(rowsOf('deployments')).toHaveLength(1);
    expect(messages()).toEqual(['preflight/0']);
  });

  it('keeps other requests apart', async () => {
    const ids = [
      idOf(await post(tutorial(), key)),
      idOf(await post({ ...tutorial(), name: 'two' }, { 'idempotency-key': 'order-18' })),
      idOf(await post({ ...tutorial(), name: 'three' })),
      idOf(await post({ ...tutorial(), name: 'four' })),
    ];
    expect(new Set(ids).size).toBe(4);
  });

  it('answers a repeat with the deployment as it is by then', async () => {
    const id = idOf(await post(tutorial(), key));
    await driver.run();
    const repeat = await post(tutorial(), key);
    expect(repeat.status).toBe(202);
    expect(await repeat.json()).toMatchObject({ id, status: 'ready' });
    expect(messages()).toEqual([]);
  });

  const writes = [
    [
      'binding the key',
      { service: 'tablestore', action: 'PutRow', params: { table_name: 'dualstack_alb_idempotency' } },
    ],
    ['claiming the name', { service: 'tablestore', action: 'PutRow', params: { table_name: 'dualstack_alb_groups' } }],
    [
      'writing the record',
      { service: 'tablestore', action: 'PutRow', params: { table_name: 'dualstack_alb_deployments' } },
    ],
    [
      'listing it as active',
      { service: 'tablestore', action: 'PutRow', params: { table_name: 'dualstack_alb_active' } },
    ],
    ['sending the message', { service: 'mns', action: 'SendMessage' }],
  ] as const;
  const deaths = writes.flatMap(([what, call]) => [
    { when: `before ${what}`, rule: { ...call, kind: 'kill-before' as const } },
    { when: `right after ${what}`, rule: { ...call, kind: 'kill-after' as const } },
  ]);

  it.each(deaths)('completes what a first try that died $when has left', async ({ rule }) => {
    const { cloud } = driver.harness;
    cloud.faults.add({ ...rule, functionName: 'dualstack-alb-api' });
    expect(await driver.api('POST', '/load-balancers', tutorial(), key)).toBeUndefined();
    expect(cloud.faults.list()[0]?.struck).toBe(1);
    const response = await post(tutorial(), key);
    expect(response.status).toBe(202);
    expect(rowsOf('deployments').map((row) => row['id'])).toEqual([idOf(response)]);
    expect(rowsOf('active').map((row) => row['id'])).toEqual([idOf(response)]);
    await driver.run({ held: ['network'] });
    const record = await driver.harness.record(idOf(response));
    expect(record.stages.preflight.apply.state).toBe('done');
    expect(messages()).toEqual(['network/0']);
  });

  it('lets a client repeat when the store does not answer', async () => {
    const { cloud } = driver.harness;
    cloud.faults.add({ kind: 'unavailable', service: 'tablestore', functionName: 'dualstack-alb-api', times: 0 });
    const problem = await problemOf(await post(tutorial(), key), 503);
    expect(problem.code).toBe('unavailable');
    cloud.faults.clear();
    expect((await post(tutorial(), key)).status).toBe(202);
  });
});

describe('a name', () => {
  const web = { ...tutorial(), name: 'web' };
  const release = async (id: string) => {
    await driver.harness.api('DELETE', `/load-balancers/${id}`);
    await driver.run();
    expect((await driver.harness.record(id)).status).toBe('released');
  };
  const expectTaken = async (response: Response, id: string) => {
    const problem = await problemOf(response, 409);
    expect(problem).toMatchObject({ code: 'name-taken', id, errors: [{ field: 'name' }] });
    expect(problem.detail).toContain(id);
  };

  it('is that of one load balancer until it is released', async () => {
    const id = idOf(await post(web));
    await expectTaken(await post(web), id);
    expect(rowsOf('deployments')).toHaveLength(1);
    await driver.run();
    await expectTaken(await post(web), id);
    await release(id);
    const next = idOf(await post(web));
    expect(next).not.toBe(id);
    await expectTaken(await post(web), next);
  });

  it('is given once to requests that come at once', async () => {
    const responses = await Promise.all([1, 2, 3, 4, 5].map(() => post(web)));
    const accepted = responses.filter(({ status }) => status === 202);
    expect(accepted).toHaveLength(1);
    expect(responses.filter(({ status }) => status === 409)).toHaveLength(4);
    expect(rowsOf('deployments').map((row) => row['id'])).toEqual([idOf(accepted[0])]);
  });

  it('stays that of one that failed and was rolled back, which says how to go on', async () => {
    const failing = { ...web, dns: { domain: 'example.edu', icpFiled: true } };
    const id = idOf(await post(failing));
    await driver.run();
    expect((await driver.harness.record(id)).status).toBe('failed');
    const response = await post(web);
    await expectTaken(response.clone(), id);
    expect(await response.json()).toMatchObject({
      detail: expect.stringContaining(`/load-balancers/${id}/retry`) as string,
    });
    await release(id);
    expect((await post(web)).status).toBe(202);
  });

  it('is free again after a request that died before its record was written', async () => {
    const { cloud, clock } = driver.harness;
    cloud.faults.add({
      service: 'tablestore',
      action: 'PutRow',
      params: { table_name: 'dualstack_alb_active' },
      kind: 'kill-before',
      functionName: 'dualstack-alb-api',
    });
    expect(await driver.api('POST', '/load-balancers', web)).toBeUndefined();
    expect((await problemOf(await post(web), 409)).code).toBe('name-taken');
    clock.advance(120_000);
    expect((await post(web)).status).toBe(202);
  });

  it('is that of a load balancer of the version before, which claimed none', async () => {
    const id = idOf(await post(web));
    const { rows } = driver.harness.runtime('api');
    await rows.delete('groups', { id: 'name/web' });
    await expectTaken(await post(web), id);
  });

  it('is answered again to a repeat of a request whose load balancer is released, and whose name has gone to another', async () => {
    const key = { 'idempotency-key': 'order-17' };
    const id = idOf(await post(web, key));
    await driver.run();
    await release(id);
    expect((await post(web)).status).toBe(202);
    const repeat = await post(web, key);
    expect(repeat.status).toBe(202);
    expect(await repeat.json()).toMatchObject({ id, status: 'released' });
  });
});
