import { Socket } from 'node:net';
import type { Answer } from 'dns-packet';
import { expect, it } from 'vitest';
import { readObservation } from '../../../shared/alert/readings.ts';
import { defaultAlertSettings } from '../../../shared/alert/settings.ts';
import type { Dial } from '../../../shared/net/dial.ts';
import type { Resolver } from '../../../shared/net/resolver.ts';
import { nameFactsOf, observeTarget, ownAddresses } from '../../../shared/probe/observe-target.ts';
import type { ProbeTarget } from '../../../shared/probe/target.ts';

const target: ProbeTarget = {
  targetId: '01k',
  domainName: 'www.example.com',
  host: 'www.example.com',
  port: 80,
  tls: false,
  method: 'GET',
  path: '/',
  acceptedStatus: [[200, 399]],
  expected: { cname: 'alb.example', addresses: ['2408:4002::1'] },
  backends: [{ name: 'ECS01', weight: 100 }],
  identification: { by: 'answers' },
  scope: 'internet',
  vantage: 'auto',
  isOneServerPerClient: false,
  acceptsAnyIssuer: false,
  mostRequests: 200,
  servers: [],
};

/** What leads to the load balancer, and from there to these addresses. */
const leadingTo = (...addresses: string[]): Resolver => ({
  resolve: (name, type) =>
    Promise.resolve({
      code: 'NOERROR',
      answers: [
        { type: 'CNAME', name, data: 'alb.example' },
        ...(type === 'AAAA' ? addresses : []).map((data) => ({ type, name: 'alb.example', data })),
      ] as Answer[],
      authorities: [],
    }),
  ask: () => Promise.reject(new Error('nobody asks')),
});

it.each([
  ['::1', 'Loopback Address (::1/128)'],
  ['fd00::80', 'Unique-Local (fc00::/7)'],
  ['fe80::80', 'Link-Local Unicast (fe80::/10)'],
  ['64:ff9b:1::a00:1', 'IPv4-IPv6 Translation (64:ff9b:1::/48)'],
  ['2002:a00:1::1', '6to4 of 10.0.0.0/8, Private-Use (2002:a00::/24)'],
  ['ff02::1', 'Multicast (ff00::/8)'],
])('a probe sends nothing to %s, whatever DNS says, and names its block', async (address, block) => {
  const dialled: string[] = [];
  const dial: Dial = (to) => {
    dialled.push(to.address);
    return new Socket().destroy(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
  };
  const resolver = leadingTo(address);
  const known = { declared: Promise.resolve(undefined), ticks: [], nowMs: 0 };
  const { observation } = await observeTarget({ dial, resolver }, target, known);
  expect(dialled).toEqual([]);
  expect(observation).toMatchObject({
    verdict: 'fault',
    fault: { kind: 'address-refused', subject: address },
    addresses: [{ address, isReached: false, reason: `not asked: ${block}` }],
  });
  expect(observation.fault?.evidence).toContain(block);
  expect(readObservation(observation, defaultAlertSettings)).toContainEqual(
    expect.objectContaining({ kind: 'front-down', isBad: true }),
  );
});

it('an instance is asked to send nothing there either, but in a private network to private addresses', async () => {
  const name = await nameFactsOf(leadingTo('fd00::80', '::1', '2408:4002::1'), target);
  expect(ownAddresses(name, target)).toEqual(['2408:4002::1']);
  expect(ownAddresses(name, { ...target, scope: 'vpc' })).toEqual(['fd00::80', '2408:4002::1']);
});
