import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { albResources } from '../../../local/alb/resources.ts';
import { dnsResources } from '../../../local/alidns/resources.ts';
import { accessesOf, type ResourceTable } from '../../../local/authorization/resources.ts';
import { certificateResources } from '../../../local/cas/resources.ts';
import { EmbeddedCloud } from '../../../local/cloud.ts';
import { type ControlPlane, startControlPlane } from '../../../local/control-plane.ts';
import { ecsResources } from '../../../local/ecs/resources.ts';
import { eventBridgeResources } from '../../../local/eventbridge/resources.ts';
import { functionActions } from '../../../local/fc/api/index.ts';
import { functionResources } from '../../../local/fc/api/resources.ts';
import { mnsResources } from '../../../local/mns/resources.ts';
import { objectResources } from '../../../local/oss/resources.ts';
import { quotaResources } from '../../../local/quotas/resources.ts';
import { ramResources } from '../../../local/ram/resources.ts';
import { resourceManagerResources } from '../../../local/resource-manager/resources.ts';
import { stsResources } from '../../../local/sts/resources.ts';
import { instanceResources } from '../../../local/tablestore/control/resources.ts';
import { tablestoreResources } from '../../../local/tablestore/resources.ts';
import { vpcResources } from '../../../local/vpc/resources.ts';
import { VirtualClock } from '../../../shared/clock.ts';

/** By the service's name in the wire log. */
const tables: Record<string, Pick<ResourceTable, 'actions' | 'source'>> = {
  vpc: vpcResources as never,
  ecs: ecsResources as never,
  alb: albResources as never,
  alidns: dnsResources as never,
  cas: certificateResources as never,
  resourcemanager: resourceManagerResources as never,
  ram: ramResources as never,
  sts: stsResources as never,
  mns: mnsResources as never,
  tablestore: tablestoreResources,
  'tablestore-control': instanceResources,
  eventbridge: eventBridgeResources as never,
  quotas: quotaResources as never,
  oss: objectResources,
  fc: functionResources,
};

let cloud: EmbeddedCloud;
let plane: ControlPlane;
beforeAll(async () => {
  cloud = new EmbeddedCloud({ clock: new VirtualClock(Date.now()) });
  await cloud.start();
  plane = startControlPlane(cloud, { workerPath: '', environment: {} });
});
afterAll(async () => {
  await plane.close();
  await cloud.close();
});

describe('the resources of the emulated actions', () => {
  it('are stated for each action of each service, and for no other', () => {
    const served = Object.fromEntries(
      cloud.services
        .filter(({ api }) => api !== undefined)
        .map(({ name, api }) => [name, name === 'fc' ? functionActions.map((action) => action.name) : api?.actions]),
    );
    const sorted = (names: readonly string[] = []) => [...names].sort();
    expect(Object.keys(tables).sort()).toEqual(Object.keys(served).sort());
    for (const [name, { actions }] of Object.entries(tables))
      expect({ [name]: sorted(Object.keys(actions)) }).toEqual({ [name]: sorted(served[name]) });
  });

  it.each(Object.entries(tables))('of %s have a source', (_name, { source }) => {
    expect(source).toMatch(/^https:\/\//);
  });
});

describe('the resources of a call', () => {
  const table: ResourceTable = {
    source: '',
    service: 'x',
    actions: {
      All: '*',
      One: ['thing/{Id}'],
      Two: ['thing/*', 'y:other/{Id}'],
      Optional: ['thing/{Id}?'],
      Pair: ['thing/{Id}/part/{Part}'],
      System: ['x:system:thing/{Id}'],
    },
  };
  const place = { regionId: 'r', accountId: '1' };
  const arnsOf = (action: string, params: Record<string, string>) =>
    accessesOf(table, action, { state: undefined, params, place, keys: {} }).map(({ arn }) => arn);

  it.each<[action: string, params: Record<string, string>, arns: string[]]>([
    ['All', { Id: 'a' }, ['*']],
    ['One', { Id: 'a' }, ['acs:x:r:1:thing/a']],
    ['One', {}, ['acs:x:r:1:thing/*']],
    ['One', { Id: '' }, ['acs:x:r:1:thing/*']],
    ['One', { Id: 'a, b' }, ['acs:x:r:1:thing/a', 'acs:x:r:1:thing/b']],
    ['One', { Id: '["a","b","a"]' }, ['acs:x:r:1:thing/a', 'acs:x:r:1:thing/b']],
    ['One', { Id: '[a' }, ['acs:x:r:1:thing/[a']],
    ['One', { 'Id.1': 'a', 'Id.2': 'b', 'Id.x': 'c', 'Ids.1': 'd' }, ['acs:x:r:1:thing/a', 'acs:x:r:1:thing/b']],
    ['Two', { Id: 'a' }, ['acs:x:r:1:thing/*', 'acs:y:r:1:other/a']],
    ['Optional', { Id: 'a' }, ['acs:x:r:1:thing/a']],
    ['Optional', {}, ['*']],
    ['Pair', { Id: 'a', Part: 'b' }, ['acs:x:r:1:thing/a/part/b']],
    ['Pair', { Id: '{Part}', Part: 'b' }, ['acs:x:r:1:thing/{Part}/part/b']],
    ['System', { Id: 'a' }, ['acs:x:r:system:thing/a']],
    // A value cannot make the resource that of another service.
    ['One', { Id: 'ram:role/a' }, ['acs:x:r:1:thing/ram:role/a']],
  ])('%s %j are %j', (action, params, arns) => {
    expect(arnsOf(action, params)).toEqual(arns);
  });

  it('of an action without a row are an error', () => {
    expect(() => arnsOf('constructor', {})).toThrow('no resource is stated for x constructor');
  });
});
