/** More than any request has, which are seven levels; what reads a request calls itself once a level. */
const mostLevels = 32;
/** More than any request has: 200 servers of seven fields, 90 rules, alerts of every kind. */
const mostMembers = 5000;

/** Returns why a document is no request that anybody would write, by its shape alone; undefined where it may be one. */
export function shapeProblem(json: unknown): string | undefined {
  let level: unknown[] = [json];
  let members = 0;
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > mostLevels) return `It is nested deeper than ${mostLevels} levels.`;
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []));
    members += level.length;
    if (members > mostMembers) return `It has more than ${mostMembers} values.`;
  }
  return undefined;
}
