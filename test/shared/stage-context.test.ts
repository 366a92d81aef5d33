import { describe, expect, it } from 'vitest';
import { nextToken } from '../../shared/stage-context.ts';

describe('the generation of a client token', () => {
  it('begins at 0', () => {
    expect(nextToken(undefined, 'h')).toEqual({ generation: 0, hash: 'h' });
  });

  it('P-005: stays while the answer is open', () => {
    const before = { generation: 2, hash: 'h' };
    expect(nextToken(before, 'h')).toBe(before);
  });

  it('P-012: grows with other parameters', () => {
    expect(nextToken({ generation: 2, hash: 'h' }, 'other')).toEqual({ generation: 3, hash: 'other' });
  });

  it('P-012: grows after a refusal, which is remembered with the token', () => {
    expect(nextToken({ generation: 2, hash: 'h', isSpent: true }, 'h')).toEqual({ generation: 3, hash: 'h' });
  });

  it('grows when what the last one made is gone', () => {
    expect(nextToken({ generation: 2, hash: 'h', resultId: 'vpc-1' }, 'h')).toEqual({ generation: 3, hash: 'h' });
  });
});
