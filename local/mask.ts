/** Names of parameters whose values are nobody's but the caller's: variables of a function, keys and passwords. */
const secretNames = /^(environmentvariables|.*(secret|password|token|privatekey)(\.\d+)?)$/i;

/** Tokens that only make a call safe to repeat. */
const harmless = /^(clienttoken|nexttoken|.*continuationtoken)$/i;

/**
 * Returns what a log may hold of the parameters of a call: values under secret names are replaced by `***`, those of
 * variables one by one, so that their names stay.
 */
export function masked(params: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, maskedValue(name, value)]));
}

function maskedValue(name: string, value: unknown): unknown {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const members = Object.entries(value);
    return Object.fromEntries(members.map(([key, item]) => [key, isSecret(name) ? '***' : maskedValue(key, item)]));
  }
  if (Array.isArray(value)) return value.map((item) => maskedValue(name, item));
  return isSecret(name) && value !== undefined && value !== '' ? '***' : value;
}

const isSecret = (name: string): boolean => secretNames.test(name) && !harmless.test(name);
