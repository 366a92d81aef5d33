import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Harness } from '../support/harness.ts';
import { prototypeNames, prototypeWords } from '../support/prototype-words.ts';
import { rareChecks } from '../support/stage-driver.ts';
import { tutorial } from '../support/tutorial.ts';

// A whole deployment: a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 90_000 });

const servers = prototypeNames.map((name, index) => ({
  name,
  family: index % 2 === 0 ? ('ipv4' as const) : ('ipv6' as const),
  page: name,
}));

let harness: Harness;
let id = '';

beforeAll(async () => {
  harness = await Harness.start({ latency: rareChecks });
  id = await harness.request({ ...tutorial(), name: 'prototype-names', backends: servers });
  await harness.runUntil(id, 'ready');
});
afterAll(() => harness.close());

const probe = async () => {
  const response = await harness.api('POST', `/load-balancers/${id}/probe`);
  return (await response.json()) as { verdict: string; shares: { backend: string; seen: number }[] };
};

describe('a load balancer whose servers are called as Object.prototype calls its own', () => {
  it('is probed as any other', async () => {
    const { verdict, shares } = await probe();
    expect(verdict).toBe('ok');
    expect(shares.map(({ backend }) => backend)).toEqual(prototypeNames);
    for (const { seen } of shares) expect(seen).toBeGreaterThan(0);
  });

  it('takes a change of their weights', async () => {
    const backends = servers.map((server) => ({ ...server, weight: 50 }));
    expect((await harness.api('PATCH', `/load-balancers/${id}`, { backends })).status).toBe(202);
    const { spec, stages } = await harness.runUntil(id, 'ready');
    expect(spec.backends.map(({ weight }) => weight)).toEqual(prototypeNames.map(() => 50));
    expect(Object.keys(stages.instances.outputs['ids'] ?? {}).sort()).toEqual([...prototypeNames].sort());
    expect(stages.instances.resources).toHaveLength(prototypeNames.length);
  });

  it('has servers that are told apart by what they say themselves', async () => {
    const patch = { probe: { identifyBy: { by: 'pattern', pattern: prototypeNames.join('|') } } };
    expect((await harness.api('PATCH', `/load-balancers/${id}`, patch)).status).toBe(202);
    await harness.runUntil(id, 'ready');
    expect((await probe()).shares.map(({ backend }) => backend)).toEqual(prototypeNames);
  });

  it('refuses a change of a field with such a name', async () => {
    for (const word of prototypeWords) {
      const response = await harness.api('PATCH', `/load-balancers/${id}`, `{${JSON.stringify(word)}:{"name":"p"}}`);
      expect(response.status, word).toBeLessThan(500);
      expect(await response.json(), word).toMatchObject({ errors: [{ field: word }] });
    }
  });

  it('is released, and leaves nothing behind', async () => {
    expect((await harness.api('DELETE', `/load-balancers/${id}`)).status).toBe(202);
    await harness.runUntil(id, 'released');
    expect(harness.cloud.ecs.instances.list()).toEqual([]);
  });
});
