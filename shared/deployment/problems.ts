import type { z } from 'zod';

export interface Problem {
  /** Dotted path into the request body; empty for the body as a whole. */
  field: string;
  message: string;
}

/** Everything that a schema finds wrong with a request. */
export const problemsOf = (error: z.ZodError): Problem[] => error.issues.flatMap((issue) => describeIssue(issue));

/** Of a key that no form of the request has. */
export const noField = 'is not a field of the request';

type Issue = z.core.$ZodIssue;

const dotted = (path: readonly PropertyKey[]): string => path.map(String).join('.');

function describeIssue(issue: Issue): Problem[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ field: dotted([...issue.path, key]), message: noField }));
  return [{ field: dotted(issue.path), message: issue.message }];
}
