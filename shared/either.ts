import * as z from 'zod';

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** One of two forms, told by its keys, so that what is wrong with it is said of the form that the writer means. */
export const either = <One extends z.ZodObject, Other extends z.ZodObject>(
  one: One,
  other: Other,
  isOther: (raw: unknown) => boolean,
) =>
  z.unknown().transform((raw, context) => {
    const result = (isOther(raw) ? other : one).safeParse(raw);
    if (result.success) return result.data;
    for (const issue of result.error.issues) context.issues.push({ ...issue, input: raw } as never);
    return z.NEVER;
  }) as unknown as z.ZodUnion<[One, Other]>;

/** Whether it is an object with one of these keys. */
export const hasKeyOf =
  (...keys: string[]) =>
  (raw: unknown): boolean =>
    isRecord(raw) && keys.some((key) => Object.hasOwn(raw, key));
