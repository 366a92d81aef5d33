import { describe, expect, it } from 'vitest';
import { findOwn } from '../../shared/find-own.ts';

const existing = new Map([
  ['vpc-1', 'the recorded one'],
  ['vpc-2', 'the marked one'],
]);
const byId = async (id: string) => existing.get(id);
const marked = async () => ['the marked one'];
const none = async () => [];

describe('the own resource', () => {
  it('is the recorded one', async () => {
    expect(await findOwn('vpc-1', byId, marked)).toBe('the recorded one');
  });

  it('is the marked one where nothing is recorded', async () => {
    expect(await findOwn(undefined, byId, marked)).toBe('the marked one');
  });

  it('is the marked one where the recorded one is gone', async () => {
    expect(await findOwn('vpc-9', byId, marked)).toBe('the marked one');
  });

  it('is not there where neither is', async () => {
    expect(await findOwn('vpc-9', byId, none)).toBeUndefined();
    expect(await findOwn(undefined, byId, none)).toBeUndefined();
  });

  it('P-021: is not asked for by its mark when the record leads to it', async () => {
    let asked = 0;
    await findOwn('vpc-1', byId, async () => {
      asked += 1;
      return [];
    });
    expect(asked).toBe(0);
  });
});
