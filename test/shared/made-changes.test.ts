import { describe, expect, it } from 'vitest';
import type { TokenState } from '../../shared/deployment/record.ts';
import { NotShownError, PermanentError } from '../../shared/errors.ts';
import { lostCreates, nextChange } from '../../shared/made-changes.ts';

const change = (nowMs: number) => ({ purpose: 'update-main', params: { idleTimeoutSeconds: 30 }, nowMs });

describe('a change', () => {
  it('is made where none like it has been made', () => {
    expect(nextChange(undefined, change(1000))).toEqual({ made: { atMs: 1000, failures: 0 } });
  });

  it('P-021: is not made again while the last one may still show', () => {
    expect(() => nextChange({ atMs: 1000, failures: 0 }, change(15_999))).toThrow(NotShownError);
  });

  it('is made once more where it had no effect', () => {
    expect(nextChange({ atMs: 1000, failures: 0 }, change(16_000))).toEqual({ made: { atMs: 16_000, failures: 1 } });
  });

  it('fails with what was asked for where it had no effect twice', () => {
    const { failure } = nextChange({ atMs: 16_000, failures: 1 }, change(31_000));
    expect(failure).toBeInstanceOf(PermanentError);
    expect(failure?.code).toBe('change.no-effect');
    expect(failure?.message).toBe(
      'The change "update main" was answered with success 2 times and had no effect; it was asked for with {"idleTimeoutSeconds":30}',
    );
    expect(failure?.remedy).toMatch(/^[A-Z].{20,}\.$/);
  });
});

describe('a create', () => {
  const create = (nowMs: number, epoch = 3) => ({ purpose: 'vpc', params: { name: 'web' }, epoch, nowMs });
  const token = (lost: number): TokenState => ({
    generation: 0,
    hash: 'h',
    resultId: 'vpc-1',
    made: { epoch: 3, atMs: 1000, lost },
  });

  it('counts nothing where none was made in this run', () => {
    expect(lostCreates(undefined, create(1000))).toBe(0);
    expect(lostCreates({ generation: 0, hash: 'h', isSpent: true }, create(1000))).toBe(0);
    expect(lostCreates({ generation: 0, hash: 'h', resultId: 'vpc-1' }, create(1000))).toBe(0);
    expect(lostCreates(token(1), create(20_000, 4))).toBe(0);
  });

  it('P-021: waits for what it has made to show', () => {
    expect(() => lostCreates(token(0), create(15_999))).toThrow(NotShownError);
  });

  it('is repeated where what it has made is not there', () => {
    expect(lostCreates(token(0), create(16_000))).toBe(1);
  });

  it('fails where what it has made was not there twice', () => {
    expect(() => lostCreates(token(1), create(16_000))).toThrow(/"create vpc" .* 2 times and had no effect/);
  });
});
