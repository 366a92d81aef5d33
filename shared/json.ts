/** More than anything that is sent to us has; what shows or writes a document calls itself once a level. */
const mostLevels = 100;

function isDeep(document: unknown): boolean {
  let level = [document];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > mostLevels) return true;
    level = level.flatMap((value) =>
      typeof value === 'object' && value !== null ? (Object.values(value) as unknown[]) : [],
    );
  }
  return false;
}

/**
 * Returns what a text of others says in JSON; undefined where it is none, or is nested so deeply that to write it anew would
 * end in a RangeError (`JSON.parse` has no such bound, `JSON.stringify` and `String` have).
 */
export function parseJson(text: string): unknown {
  try {
    const document = JSON.parse(text) as unknown;
    return isDeep(document) ? undefined : document;
  } catch {
    return undefined;
  }
}
