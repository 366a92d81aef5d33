/** Characters that JSON leaves as they are and that YAML 1.1 refuses, or reads as the end of a line. */
const unsafe = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/**
 * Returns `text` as a double-quoted scalar of YAML 1.1 on one line, which is also a JSON string. PyYAML, and so cloud-init,
 * reads the same text from it. It refuses a whole document in which one of these characters stands unescaped.
 *
 * @param text - must be well-formed: a lone surrogate cannot be written as UTF-8.
 * @see https://github.com/yaml/pyyaml/blob/6.0/lib/yaml/reader.py (read 2026-11-30)
 */
export const quoteForUserData = (text: string): string =>
  JSON.stringify(text).replaceAll(unsafe, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
