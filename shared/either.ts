import * as z from 'zod';
import { isRecord } from './is-record.ts';
import { check } from './deployment/problems.ts';

/** One of two forms, told by its keys, so that what is wrong with it is said of the form that the writer means. */
export const either = <One extends z.ZodObject, Other extends z.ZodObject>(
  one: One,
  other: Other,
  isOther: (raw: unknown) => boolean,
) => {
  const chosen = z.unknown().transform((raw, context) => {
    const result = check(isOther(raw) ? other : one, raw);
    if (result.success) return result.data;
    for (const issue of result.error.issues) context.issues.push({ ...issue, input: raw } as never);
    return z.NEVER;
  });
  return Object.assign(chosen, { forms: [one, other] }) as unknown as z.ZodUnion<[One, Other]>;
};

/** Whether it is an object with one of these keys. */
export const hasKeyOf =
  (...keys: string[]) =>
  (raw: unknown): boolean =>
    isRecord(raw) && keys.some((key) => Object.hasOwn(raw, key));
