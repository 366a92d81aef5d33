/**
 * Plain objects whose keys are words of others: backend names, tags, headers, query parameters, fields of a body. Such a word may be
 * `constructor` or `__proto__`, so nothing is read or written through `Object.prototype`. A lint rule of ours refuses `x[word]` elsewhere.
 */

/** Returns what the object itself has under the key; nothing that it inherits. */
export function valueAt<T>(dictionary: Readonly<Record<string, T>>, key: string): T | undefined;
export function valueAt(dictionary: object, key: string): unknown;
export function valueAt(dictionary: object, key: string): unknown {
  return Object.hasOwn(dictionary, key) ? (dictionary as Readonly<Record<string, unknown>>)[key] : undefined;
}

/** Gives the object the value as its own, also under `__proto__`, where an assignment would change what it inherits. */
export function setAt<T>(dictionary: Record<string, T>, key: string, value: NoInfer<T>): void {
  if (key === '__proto__')
    Object.defineProperty(dictionary, key, { value, writable: true, enumerable: true, configurable: true });
  else dictionary[key] = value;
}

/** Returns a copy that lacks the key. */
export const without = <T>(dictionary: Readonly<Record<string, T>>, key: string): Record<string, T> =>
  Object.fromEntries(Object.entries(dictionary).filter(([name]) => name !== key));
