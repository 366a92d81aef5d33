/** Set by writers of right-to-left text, or of texts that pretend to be another: they turn round what stands beside. */
const bidiControls = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Returns the text with U+FFFD for each half of a character. */
export const wellFormed = (text: string): string => text.replace(/\p{Cs}/gu, '\ufffd');

/** Returns the text as one line of whole characters; nothing of what can be seen is lost. */
export const oneLine = (text: string): string =>
  wellFormed(text.replace(bidiControls, '').replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')).trim();

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
