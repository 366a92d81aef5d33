/** What an error code of the cloud means for the caller, as data: one row for each code or family of codes. */
import type { CodeClass, CodeRow } from './code-row.ts';
import { finalRows } from './final-codes.ts';
import { passingRows } from './passing-codes.ts';

/** A row with the very code decides; among those with `*` the first that fits. */
export const codeRows: readonly CodeRow[] = [...passingRows, ...finalRows].sort(
  (one, other) => Number(one.code.includes('*')) - Number(other.code.includes('*')),
);

const patterns = new Map<string, RegExp>();

const fits = (pattern: string, text: string): boolean => {
  let known = patterns.get(pattern);
  if (known === undefined) {
    const parts = pattern.split('*').map((part) => part.replace(/[.\\+?^${}()|[\]]/g, String.raw`\$&`));
    known = new RegExp(`^${parts.join('.*')}$`, 'i');
    patterns.set(pattern, known);
  }
  return known.test(text);
};

/** What a message says of a refusal that will pass. */
const promisesMore =
  /\b(?:again|try|retry)\b[^.]{0,40}\blater\b|\b(?:try|retry)\b[^.]{0,20}\bagain\b|\btemporar(?:y|ily)\b/i;

/** A refusal as far as its meaning depends on it. */
export interface Refused {
  code: string;
  /** Wire name; absent: a row for certain actions counts too. */
  action?: string | undefined;
  httpStatus?: number | undefined;
  message?: string | undefined;
}

/** The row that decides on a code; undefined for one that the table does not know. */
export const rowOf = ({ code, action }: Pick<Refused, 'code' | 'action'>): CodeRow | undefined =>
  codeRows.find(
    (row) => fits(row.code, code) && (row.actions === undefined || action === undefined || fits(row.actions, action)),
  );

/**
 * Classifies on the code, never against it on the HTTP status (P-003, P-004). Of a code that the table does not know the
 * message decides if it says that the same call may work later, then the status: 429, from 500 on, and where there was none,
 * the call may work later; other refusals are final.
 */
export function classifyCode(refused: Refused): CodeClass {
  const { httpStatus, message = '' } = refused;
  const row = rowOf(refused);
  if (row !== undefined) {
    const { kind, remedy } = row;
    const rotatesToken = row.rotatesToken && (httpStatus ?? 400) < 500;
    return remedy === undefined ? { kind, rotatesToken } : { kind, rotatesToken, remedy };
  }
  return httpStatus === undefined || httpStatus === 429 || httpStatus >= 500 || promisesMore.test(message)
    ? { kind: 'retry', rotatesToken: false }
    : { kind: 'permanent', rotatesToken: true };
}
