import { describe, expect, it } from 'vitest';
import { checkWell } from '../../functions/preflight/check-well.ts';
import { newRecord } from '../../shared/deployment/record.ts';
import { parseSpec, type SpecInput } from '../../shared/deployment/spec.ts';

const own = { name: 'a1', family: 'ipv4' as const, page: 'one' };
const adopted = { name: 'b1', family: 'ipv4' as const, instanceId: 'i-1' };

async function fieldsOf(more: SpecInput, isReady = false): Promise<string[]> {
  const parsed = parseSpec({ name: 'site', backends: [own], ...more });
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  const record = { ...newRecord('id', parsed.spec, 0), ...(isReady ? { readyAtMs: 1 } : {}) };
  return (await checkWell({ record, spec: parsed.spec })).map(({ field }) => field);
}

const check = (healthCheck: object): SpecInput => ({ serverGroup: { healthCheck } });

describe('servers that are made here', () => {
  it.each<[string, SpecInput]>([
    ['the default', {}],
    ['the page by its name', check({ path: '/index.html' })],
    ['the page in another spelling', check({ path: '//./%69ndex.html?x=1' })],
    ['a missing page where 404 is healthy', check({ path: '/healthz', codes: ['http_4xx'] })],
    ['a missing page without a health check', { ...check({ enabled: false, path: '/healthz' }), probe: { path: '/' } }],
    ['a probe of a missing page that wants 404', { probe: { path: '/gone', acceptedStatus: [404] } }],
  ])('can be well: %s', async (_, more) => {
    expect(await fieldsOf(more)).toEqual([]);
  });

  it.each<[string, SpecInput, string]>([
    ['a health check of a page that they lack', check({ path: '/healthz' }), 'serverGroup.healthCheck.path'],
    ['a health check that wants another class', check({ codes: ['http_3xx'] }), 'serverGroup.healthCheck.path'],
    ['a health check path that cannot be decoded', check({ path: '/%zz' }), 'serverGroup.healthCheck.path'],
    ['a probe of a page that they lack', { probe: { path: '/gone' } }, 'probe.path'],
    ['a probe that wants a redirect', { probe: { path: '/index.html', redirectTo: '/new' } }, 'probe.path'],
  ])('cannot be well: %s', async (_, more, field) => {
    expect(await fieldsOf(more)).toEqual([field]);
  });

  it('may have got more pages once the deployment was ready', async () => {
    expect(await fieldsOf(check({ path: '/healthz' }), true)).toEqual([]);
  });

  it('are not asked about when all servers are adopted', async () => {
    const network = { vpcId: 'vpc-1', vSwitchIds: ['vsw-1', 'vsw-2'] };
    expect(await fieldsOf({ ...check({ path: '/healthz' }), network, backends: [adopted] })).toEqual([]);
  });
});
