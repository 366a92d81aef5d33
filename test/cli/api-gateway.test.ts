import { expect, it } from 'vitest';
import { ApiGateway } from '../../cli/api-gateway.ts';
import { createApp } from '../../functions/api/app.ts';
import type { WireRequest } from '../../local/wire.ts';
import type { Runtime } from '../../shared/runtime.ts';

const gateway = new ApiGateway({} as ConstructorParameters<typeof ApiGateway>[0]);
const isTaken = (path: string, headers = {}) => gateway.accepts({ path, headers } as WireRequest);

it('lets every route of the API through', () => {
  const routes = createApp({} as Runtime, 'someone').routes.filter(({ method }) => method !== 'ALL');
  const paths = [...new Set(routes.map(({ path }) => path.replaceAll(/:\w+/g, 'x')))];
  expect(paths).toContain('/channels');
  expect(paths.filter((path) => !isTaken(path))).toEqual([]);
});

it('leaves calls of the cloud to the cloud', () => {
  expect(isTaken('/')).toBe(false);
  expect(isTaken('/load-balancers-of-others')).toBe(false);
  expect(isTaken('/load-balancers', { 'x-acs-action': 'ListLoadBalancers' })).toBe(false);
});

it('is no door at a name of the vendor, where all calls are signed', () => {
  expect(isTaken('/load-balancers', { host: 'localhost:8080' })).toBe(true);
  for (const host of ['alb.cn-shanghai.aliyuncs.com:8080', 'api-abcdefghij.cn-shanghai.FCAPP.run'])
    expect([host, isTaken('/load-balancers', { host })]).toEqual([host, false]);
});
