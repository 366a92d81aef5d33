import { createHash } from 'node:crypto';

/**
 * A client token for a call that follows from another one but has other parameters (a further batch, the rest of a batch):
 * a token never meets other parameters (P-012), and the same rest gets the same token. 64 characters, the most that is taken.
 */
export const derivedToken = (clientToken: string, ...parts: readonly string[]): string =>
  createHash('sha256')
    .update([clientToken, ...parts].join('\n'))
    .digest('hex');
