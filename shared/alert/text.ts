/**
 * Joins without being seen: between the characters of what would be markup it breaks that up, and the text reads as it
 * is. Unlike U+200B it allows no line break either.
 */
export const joiner = '\u2060';

/**
 * Returns the text with everything broken up that a client may make a link or a mention of by itself: an address with
 * `://`, `@name`, `<tag`, `[text](address)`.
 */
export const inert = (text: string): string => text.replace(/:(?=\/\/)|@|<(?=[^\s\d=])|\](?=[([:])/g, `$&${joiner}`);
