/**
 * Whether this is a regular expression that a probe may run on what a stranger's server answers: one that compiles, without
 * references back and without a repeated group, so that no answer makes it run for long.
 */
export function isPattern(text: string): boolean {
  if (!compiles(text)) return false;
  const plain = text.replace(/\\[^\dk]/g, '_').replace(/\[[^\]]*\]/g, '_');
  const repeats = plain.match(/[*+]|\{\d+,\d*\}/g) ?? [];
  return !/\\[\dk]/.test(plain) && !/\)[*+{]/.test(plain) && repeats.length <= 2;
}

function compiles(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}
