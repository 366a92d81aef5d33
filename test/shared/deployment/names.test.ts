import { describe, expect, it } from 'vitest';
import { parseSpec } from '../../../shared/deployment/spec.ts';
import { parseWatchSpec } from '../../../shared/watch/spec.ts';

const read = (dns: object) => parseSpec({ name: 'web', dns: { icpFiled: true, ...dns } });
const problemsOf = (dns: object): string[] => {
  const parsed = read(dns);
  return 'problems' in parsed ? parsed.problems.map(({ field, message }) => `${field}: ${message}`) : [];
};

describe('the name of a request', () => {
  it.each([
    [{ domain: 'shop.xn--fiqs8s', rr: 'www' }, 'shop.xn--fiqs8s', 'www'],
    [{ domain: '商店.中国', rr: '测试' }, 'xn--czrs0t.xn--fiqs8s', 'xn--0zwm56d'],
    [{ domain: 'Example.COM.', rr: 'WWW.' }, 'example.com', 'www'],
    [{ domain: 'example.com', rr: '*.dev' }, 'example.com', '*.dev'],
    [{ domain: 'example.com', rr: 'old_site' }, 'example.com', 'old_site'],
    [{ domain: 'example.com' }, 'example.com', '@'],
  ])('%j is kept as name servers know it', (dns, domain, rr) => {
    expect(read(dns)).toMatchObject({ spec: { dns: { domain, rr } } });
  });

  it.each([
    ['www.example.com', 'www'],
    ['WWW.Example.com.', 'www'],
    ['*.dev.example.com', '*.dev'],
    ['example.com', '@'],
    ['example.com.', '@'],
  ])('%s as host record in the domain is answered with what was meant', (rr, meant) => {
    expect(problemsOf({ domain: 'example.com.', rr })).toEqual([
      `dns.rr: is what stands before example.com, not the whole name: did you mean ${meant}?`,
    ]);
  });

  it('may end with letters of the domain', () => {
    expect(problemsOf({ domain: 'example.com', rr: 'myexample.com' })).toEqual([]);
  });

  it('is refused in letters that Alibaba Cloud DNS does not take', () => {
    expect(problemsOf({ domain: 'example.com', rr: 'bücher' })).toEqual([
      'dns.rr: has letters that Alibaba Cloud DNS does not take: it takes ASCII and Chinese ones (found "bücher")',
    ]);
  });

  it('is refused where it is too long with the domain', () => {
    const label = 'a'.repeat(60);
    expect(problemsOf({ domain: 'example.com', rr: [label, label, label, label].join('.') })).toEqual([
      'dns.rr: is too long: with the domain, a name has at most 253 characters in punycode',
    ]);
  });

  it('is the same when it is read again', () => {
    const parsed = read({ domain: '商店.中国.', rr: '*.测试' });
    const { spec } = parsed as Extract<typeof parsed, { spec: object }>;
    expect(parseSpec(spec)).toEqual({ spec });
  });
});

describe('the name of a load balancer that is only watched', () => {
  it.each([
    ['www.shop.xn--fiqs8s', 'www.shop.xn--fiqs8s'],
    ['www.shop.xn--55qx5d', 'www.shop.xn--55qx5d'],
    ['api.example.com.', 'api.example.com'],
    ['old_site.example.com', 'old_site.example.com'],
    ['商店.中国', 'xn--czrs0t.xn--fiqs8s'],
  ])('%s is taken', (domain, kept) => {
    expect(parseWatchSpec({ watchOnly: { loadBalancerId: 'alb-1', domain } })).toMatchObject({
      spec: { watchOnly: { domain: kept } },
    });
  });

  it.each(['*.example.com', 'example', 'a/b.example', '192.0.2.1', '[2001:db8::1]'])('%s is refused', (domain) => {
    expect(parseWatchSpec({ watchOnly: { loadBalancerId: 'alb-1', domain } })).toMatchObject({
      problems: [{ field: 'watchOnly.domain' }],
    });
  });
});
