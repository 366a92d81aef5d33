/** Whether a text is of the compiled pattern. */
export type Matcher = (text: string) => boolean;

/** Returns where `part`, in which `?` stands for one character, begins in `text` at or after `from`; -1 when nowhere. */
function indexOf(text: string, part: string, from: number): number {
  if (!part.includes('?')) return text.indexOf(part, from);
  for (let at = from; at + part.length <= text.length; at += 1) if (standsAt(text, part, at)) return at;
  return -1;
}

function standsAt(text: string, part: string, at: number): boolean {
  if (at < 0 || at + part.length > text.length) return false;
  for (let index = 0; index < part.length; index += 1)
    if (part[index] !== '?' && part[index] !== text[at + index]) return false;
  return true;
}

/**
 * Compiles a pattern of RAM: `*` stands for any text, also none, `?` for one character.
 *
 * Each part between asterisks is looked for once, from the left, so the work is at most the product of both lengths whatever
 * the pattern is. A regular expression of the same meaning takes exponential time on patterns that a caller may choose.
 *
 * @see https://www.alibabacloud.com/help/en/ram/conditional-operator (StringLike; updated 2025-12-09)
 */
export function wildcard(pattern: string): Matcher {
  const parts = pattern.split('*');
  const [first = '', ...rest] = parts;
  const last = rest.pop();
  if (last === undefined) return first.includes('?') ? (text) => isWhole(text, first) : (text) => text === first;
  const middle = rest.filter((part) => part !== '');
  return (text) => {
    if (text.length < first.length + last.length) return false;
    if (!standsAt(text, first, 0) || !standsAt(text, last, text.length - last.length)) return false;
    const end = text.length - last.length;
    let at = first.length;
    for (const part of middle) {
      const found = indexOf(text, part, at);
      if (found === -1 || found + part.length > end) return false;
      at = found + part.length;
    }
    return true;
  };
}

const isWhole = (text: string, part: string): boolean => text.length === part.length && standsAt(text, part, 0);

/** Compiles a pattern as `wildcard` does, whatever the case of letters is. */
export function wildcardIgnoringCase(pattern: string): Matcher {
  const matches = wildcard(pattern.toLowerCase());
  return (text) => matches(text.toLowerCase());
}
