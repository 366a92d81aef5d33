import { array, assert, constantFrom, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  asDomainName,
  asHostRecord,
  domainNameOf,
  hostNameOf,
  parentsOf,
  sameName,
  shownName,
  unicodeName,
} from '../../shared/domain-name.ts';

describe('the full name of a host', () => {
  it('P-089: is the domain itself for @', () => {
    expect(domainNameOf({ domain: 'example.com', rr: '@' })).toBe('example.com');
  });

  it('has the host before the domain', () => {
    expect(domainNameOf({ domain: 'example.com', rr: 'www.eu' })).toBe('www.eu.example.com');
  });

  it.each([
    ['*', 'any.example.com'],
    ['*.dev', 'any.dev.example.com'],
    ['www', 'www.example.com'],
  ])('that is asked for is, for %s, %s', (rr, name) => {
    expect(hostNameOf({ domain: 'example.com', rr })).toBe(name);
  });

  it('has parents below its domain', () => {
    const parents = parentsOf({ domain: 'example.com', rr: 'a.b.c' });
    expect(parents.map(({ name }) => name)).toEqual(['b.c.example.com', 'c.example.com']);
    expect(parentsOf({ domain: 'example.com', rr: '@' })).toEqual([]);
  });
});

describe('two names', () => {
  it.each([
    ['example.com', 'example.com.', true],
    ['Example.COM', 'example.com', true],
    ['商店.中国', 'xn--czrs0t.xn--fiqs8s.', true],
    ['example.com', 'www.example.com', false],
    ['examplexcom', 'example.com', false],
  ])('%s, %s: the same is %s', (a, b, expected) => {
    expect(sameName(a, b)).toBe(expected);
  });
});

describe('a domain name', () => {
  it.each([
    ['example.com', 'example.com'],
    ['Example.COM.', 'example.com'],
    ['shop.xn--fiqs8s', 'shop.xn--fiqs8s'],
    ['XN--CZRS0T.XN--FIQS8S', 'xn--czrs0t.xn--fiqs8s'],
    ['商店.中国', 'xn--czrs0t.xn--fiqs8s'],
    ['商店。中国', 'xn--czrs0t.xn--fiqs8s'],
    ['Bücher.example', 'xn--bcher-kva.example'],
    ['cafe\u0301.example', 'xn--caf-dma.example'],
    ['ａｂｃ.example', 'abc.example'],
    ['_dmarc.قازاق.com', '_dmarc.xn--mgba6a0dd.com'],
    ['old_site.example.com', 'old_site.example.com'],
    ['1.2.example', '1.2.example'],
    [`${'a'.repeat(63)}.example`, `${'a'.repeat(63)}.example`],
  ])('%s is read as %s', (text, name) => {
    expect(asDomainName(text)).toBe(name);
  });

  it.each([
    '',
    '.',
    'example',
    'a..example',
    'example.com..',
    '.example.com',
    '*.example.com',
    '@.example.com',
    'a b.example',
    'a/b.example',
    'a?b.example',
    'a%41.example',
    'user@mail.example',
    'host:80.example',
    'a\tb.example',
    'a\u0000b.example',
    '-a.example',
    'a-.example',
    'xn--.example',
    'xn--a.example',
    'xn--aa-.example',
    'a\u200db.example',
    '1.2.3.4',
    '0x7f.1',
    'example.c',
    'example.123',
    '[::1]',
    `${'a'.repeat(64)}.example`,
    `${'ü'.repeat(60)}.example`,
    `${'a.'.repeat(125)}example`,
  ])('%j is none', (text) => {
    expect(asDomainName(text)).toBeUndefined();
  });

  it('is read once: what was read is read as itself', () => {
    const unit = constantFrom(
      'a',
      'B',
      '0',
      '-',
      '_',
      'ü',
      'ß',
      'ı',
      'ａ',
      '中',
      '店',
      'ق',
      'xn--',
      '\u0301',
      '\u200d',
    );
    const texts = array(string({ unit, minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 3 });
    assert(
      property(texts, (labels) => {
        const name = asDomainName([...labels, 'example'].join('.'));
        if (name === undefined) return;
        expect(asDomainName(name)).toBe(name);
        expect(asDomainName(unicodeName(name))).toBe(name);
        expect(name).toMatch(/^[a-z0-9_.-]+$/);
      }),
    );
  });
});

describe('a host record', () => {
  it.each([
    ['@', '@'],
    ['@.', '@'],
    ['*', '*'],
    ['*。', '*'],
    ['*.dev', '*.dev'],
    ['*.Dev.EU', '*.dev.eu'],
    ['www.', 'www'],
    ['1.2', '1.2'],
    ['_acme_x', '_acme_x'],
    ['测试', 'xn--0zwm56d'],
  ])('%s is read as %s', (text, rr) => {
    expect(asHostRecord(text)).toBe(rr);
  });

  it.each(['', 'a.*', '**', '*a', '*.*', '*..a', 'a..b', '@.a', 'a@', 'w w', '.'])('%j is none', (text) => {
    expect(asHostRecord(text)).toBeUndefined();
  });
});

describe('a name that people read', () => {
  it('is shown both ways where it has two', () => {
    expect(shownName('xn--czrs0t.xn--fiqs8s')).toBe('商店.中国 (xn--czrs0t.xn--fiqs8s)');
    expect(shownName('old_site.example.com')).toBe('old_site.example.com');
  });
});
