/** How long after a look that found nothing the second look is taken: queries by tag may lag (P-021). */
export const secondLookMs = 5000;

/**
 * The resource of this stage: the recorded one, else the one that bears the mark. A recorded id that leads nowhere means
 * the resource is gone.
 */
export async function findOwn<T>(
  id: string | undefined,
  byId: (id: string) => Promise<T | undefined>,
  byMark: () => Promise<T[]>,
): Promise<T | undefined> {
  if (id !== undefined) {
    const found = await byId(id);
    if (found !== undefined) return found;
  }
  const [marked] = await byMark();
  return marked;
}
