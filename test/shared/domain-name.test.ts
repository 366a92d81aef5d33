import { describe, expect, it } from 'vitest';
import { domainNameOf, sameName } from '../../shared/domain-name.ts';

describe('the full name of a host', () => {
  it('P-089: is the domain itself for @', () => {
    expect(domainNameOf({ domain: 'example.com', rr: '@' })).toBe('example.com');
  });

  it('has the host before the domain', () => {
    expect(domainNameOf({ domain: 'example.com', rr: 'www.eu' })).toBe('www.eu.example.com');
  });
});

describe('two names', () => {
  it.each([
    ['example.com', 'example.com.', true],
    ['Example.COM', 'example.com', true],
    ['example.com', 'www.example.com', false],
    ['examplexcom', 'example.com', false],
  ])('%s, %s: the same is %s', (a, b, expected) => {
    expect(sameName(a, b)).toBe(expected);
  });
});
