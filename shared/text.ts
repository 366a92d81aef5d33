/**
 * Format characters are not seen: they turn round what stands beside, hide a text in another, or keep a word from being found.
 * Joiners stay where they shape what is seen: within pictographs, and between letters of scripts that need them.
 */
const formatCharacters =
  /(?!(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f])\u200d\p{Extended_Pictographic})(?!(?<=[\u0600-\u1fff])[\u200c\u200d][\u0600-\u1fff])\p{Cf}/gu;

/** Returns the text with U+FFFD for each half of a character. */
export const wellFormed = (text: string): string => text.replace(/\p{Cs}/gu, '\ufffd');

/** Returns the text as one line of whole characters; nothing of what can be seen is lost. */
export const oneLine = (text: string): string =>
  wellFormed(text.replace(formatCharacters, '').replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')).trim();

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const mark = '…';

/**
 * Returns the text if it has no more than `maxBytes` bytes of UTF-8, else its beginning with `…` behind it: cut between
 * two characters as readers see them, never inside one.
 */
export function shortened(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  let left = maxBytes - Buffer.byteLength(mark);
  let kept = '';
  // No character has fewer bytes of UTF-8 than units of a string.
  for (const { segment } of graphemes.segment(text.slice(0, maxBytes + 1))) {
    left -= Buffer.byteLength(segment);
    if (left < 0) break;
    kept += segment;
  }
  return `${kept.trimEnd()}${mark}`;
}
