import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { localCopy } from '../../cli/local-copy.ts';
import { readFunctions } from '../../local/fc/s-yaml.ts';

const text = readFileSync(new URL('../../s.yaml', import.meta.url), 'utf8');
const accountId = '1234567890123456';

/** Where two parsed files differ, as paths. */
function differences(a: unknown, b: unknown, path = ''): string[] {
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return a === b ? [] : [path];
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].flatMap((key) =>
    differences(left[key], right[key], `${path}.${key}`),
  );
}

describe('the copy of s.yaml that is deployed to the embedded cloud', () => {
  it('P-165: differs in invocationRole and the path of the component only', () => {
    const copy = localCopy(text, { accountId, component: '/somewhere/fc3' });
    const [before, after] = [text, copy].map((yaml) => parse(yaml, { merge: true }) as { resources: object });
    const paths = differences(before, after);
    const functions = Object.keys(before?.resources ?? {});
    expect(paths.filter((path) => path.endsWith('.component'))).toEqual(
      functions.map((name) => `.resources.${name}.component`),
    );
    const others = paths.filter((path) => !path.endsWith('.component'));
    expect(others.length).toBeGreaterThan(0);
    for (const path of others) expect(path).toMatch(/\.triggers\.\d+\.invocationRole$/);
  });

  it('differs in no other line either', () => {
    const lines = (yaml: string) => yaml.split('\n').filter((line) => !/^\s+(component|invocationRole): /.test(line));
    expect(lines(localCopy(text, { accountId, component: '/somewhere/fc3' }))).toEqual(lines(text));
  });

  it('names the role on every queue trigger and on no other', () => {
    const copy = readFunctions(localCopy(text, { accountId }), { DUALSTACK_ALB_ACCOUNT_ID: accountId });
    for (const { triggers } of copy)
      for (const trigger of triggers) expect('invocationRole' in trigger).toBe(trigger.triggerType === 'eventbridge');
  });

  it('keeps the name of the component when s looks for it itself', () => {
    expect(
      differences(parse(text), parse(localCopy(text, { accountId }))).some((path) => path.endsWith('.component')),
    ).toBe(false);
  });
});
