/** Names that every plain object inherits; a table that is asked for one of them must not find it. */
export const prototypeWords = Object.getOwnPropertyNames(Object.prototype);

/** Those that a name of a resource may be: it begins with a letter. */
export const prototypeNames = prototypeWords.filter((word) => /^[a-z]/i.test(word));

interface Variant {
  path: string;
  word: string;
  /** A key that no schema has, or a text in the place of another. */
  kind: 'key' | 'value';
  body: unknown;
}

/** The body with each of its texts replaced by a word, and each of its objects given a word as one more key. */
export function* variantsOf(body: unknown, words = prototypeWords): Iterable<Variant> {
  for (const { path, kind } of placesOf(body, []))
    for (const word of words)
      yield {
        path: path.join('.'),
        word,
        kind,
        body: changed(body, path, kind === 'key' ? withKey(word) : () => word),
      };
}

function* placesOf(value: unknown, path: string[]): Iterable<{ path: string[]; kind: Variant['kind'] }> {
  if (typeof value === 'string') yield { path, kind: 'value' };
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield { path, kind: 'key' };
  for (const [key, member] of Object.entries(value)) yield* placesOf(member, [...path, key]);
}

/** By way of JSON, as a body comes: so `__proto__` is a key like any other. */
const withKey = (word: string) => (object: unknown) =>
  JSON.parse(`{${JSON.stringify(word)}:{"name":"x"},${JSON.stringify(object).slice(1)}`.replace(/,}$/, '}')) as unknown;

function changed(value: unknown, [key, ...path]: string[], change: (value: unknown) => unknown): unknown {
  if (key === undefined) return change(value);
  if (Array.isArray(value)) return value.map((item, at) => (String(at) === key ? changed(item, path, change) : item));
  return Object.fromEntries(
    Object.entries(value as object).map(([name, member]) => [
      name,
      name === key ? changed(member, path, change) : member,
    ]),
  );
}
