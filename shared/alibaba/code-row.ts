/** What an error code of the cloud means for the caller. */
export interface CodeClass {
  /** `wait`: not ready yet, no failure. `retry`: the same call may work later. `permanent`: repeating cannot help. */
  kind: 'wait' | 'retry' | 'permanent';
  /**
   * Whether the next attempt needs a new client token. After a definitive refusal it does, since the refusal is remembered
   * with the token; after a timeout, a throttle, a 5xx, or while the first call still runs, it must stay the same.
   */
  rotatesToken: boolean;
  /** What a person can do about it. */
  remedy?: string;
}

export interface CodeRow extends CodeClass {
  /** A code; `*` stands for any text. Compared without letter case (P-030). */
  readonly code: string;
  /** The only actions for which the row counts, where a code means something else for others; `*` as in `code`. */
  readonly actions?: string;
  /** Keys of the fact sheet's sources; `ours` for codes that never came from a service, `inf` for inferences. */
  readonly source: string;
}

type More = Partial<Pick<CodeRow, 'actions' | 'remedy' | 'rotatesToken'>>;

export const wait = (code: string, source: string, more: More = {}): CodeRow => ({
  code,
  kind: 'wait',
  rotatesToken: true,
  source,
  ...more,
});

export const retry = (code: string, source: string, more: More = {}): CodeRow => ({
  code,
  kind: 'retry',
  rotatesToken: false,
  source,
  ...more,
});

export const permanent = (code: string, source: string, remedy?: string): CodeRow => ({
  code,
  kind: 'permanent',
  rotatesToken: true,
  ...(remedy === undefined ? {} : { remedy }),
  source,
});
