/** `different`: there, with other settings than ours; `make` puts them right. */
export type StepState = { is: 'there' } | { is: 'absent' } | { is: 'different'; why: string };

/** One thing that an account needs before functions can be deployed. */
export interface Step {
  kind: 'role' | 'policy' | 'service-linked role' | 'Tablestore instance' | 'table' | 'queue' | 'log project';
  name: string;
  /** What it is made of, in a few words. */
  what: string;
  /** Why it is neither looked at nor made here. */
  skipped?: string;
  state(): Promise<StepState>;
  make(): Promise<void>;
  /** Absent: shared with others in the account, and kept. */
  remove?: () => Promise<void>;
}

/** The state of what is told by its differences; undefined: it is not there. */
export const stateOf = (differences: string[] | undefined): StepState =>
  differences === undefined
    ? { is: 'absent' }
    : differences.length === 0
      ? { is: 'there' }
      : { is: 'different', why: differences.join(', ') };

/** The code of a refusal, whichever service and SDK it comes from. */
export const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';

/** Each service has its own word for a missing permission. */
const denials = /^(NoPermission|Forbidden|AccessDenied|AuthFailed|OTSNoPermissionAccess|Unauthorized|RAM\.PERMISSION)/;

export const isDenied = (error: unknown): boolean => denials.test(codeOf(error));

/** What to do about a missing permission. */
export const grant = 'Give whoever runs this the rights of policies/deployer.json.';

export const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
