/**
 * Joins without being seen: between the characters of what would be markup it breaks that up, and the text reads as it
 * is. Unlike U+200B it allows no line break either.
 */
export const joiner = '\u2060';

/**
 * Returns the text with everything broken up that a client may make a link or a mention of by itself: an address with
 * `://` or a scheme that does without, `@name`, `<tag`, `[text](address)`.
 */
export const inert = (text: string): string =>
  text.replace(
    /[:\uff1a](?=[/\\\uff0f]{2})|(?<=\b(?:mailto|tel|sms|javascript|data)):|[@\uff20\ufe6b]|<(?=[^\s\d=])|\](?=[([:])/gi,
    `$&${joiner}`,
  );

/**
 * Returns what others wrote, with the dots of what looks like a name of a host broken up: a client may make a link of
 * `www.example.com` alone.
 */
export const withoutHosts = (text: string): string =>
  text.replace(/(?<=[\p{L}\p{N}-])[.\u3002\uff0e\uff61](?=\p{L}{2})/gu, `$&${joiner}`);
