import type { z } from 'zod';

export interface Problem {
  /** Dotted path into the request body; empty for the body as a whole. */
  field: string;
  message: string;
}

/** Everything that a schema finds wrong with a request. */
export const problemsOf = (error: z.ZodError): Problem[] => error.issues.flatMap((issue) => describeIssue(issue));

type Issue = z.core.$ZodIssue;

const dotted = (path: readonly PropertyKey[]): string => path.map(String).join('.');

function describeIssue(issue: Issue): Problem[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ field: dotted([...issue.path, key]), message: 'is not a field of the request' }));
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    // Of the alternatives, speak of the one that the writer evidently meant: the one with the fewest complaints.
    const [closest = []] = [...issue.errors].sort((a, b) => complaints(a) - complaints(b));
    return closest.flatMap((inner) => describeIssue({ ...inner, path: [...issue.path, ...inner.path] }));
  }
  return [{ field: dotted(issue.path), message: issue.message }];
}

const complaints = (issues: readonly Issue[]): number =>
  issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? 2 * issue.keys.length : 1), 0);
