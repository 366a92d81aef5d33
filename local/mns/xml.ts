/** A strict reader and a writer for the small part of XML 1.0 that MNS speaks: elements, text, CDATA, comments; no DTD. */
import { valueAt } from '../dictionary.ts';

export interface XmlElement {
  name: string;
  children: XmlElement[];
  /** Text of the element itself, references resolved, white space kept. */
  text: string;
}

/** What an element may hold when written: nothing to write (`undefined`), text, members, or several of one name (array). */
export type XmlValue = string | number | undefined | { [name: string]: XmlValue | XmlValue[] };

export class MalformedXml extends Error {
  /** Character offset at which reading stopped. */
  readonly offset: number;

  constructor(why: string, offset: number) {
    super(`${why} at character ${offset}`);
    this.offset = offset;
  }
}

const maxDepth = 32;
const named: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
// oxlint-disable-next-line no-control-regex -- exactly the characters that XML 1.0 forbids
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ud800-\udfff\ufffe\uffff]/u;

/**
 * Reads one document in UTF-8.
 *
 * @throws MalformedXml if it is not well-formed, or has a DTD or a processing instruction.
 */
export function readXml(document: Buffer | string): XmlElement {
  let source: string;
  try {
    source =
      typeof document === 'string'
        ? document
        : new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(document);
  } catch {
    throw new MalformedXml('not UTF-8', 0);
  }
  const bad = forbidden.exec(source);
  if (bad !== null) throw new MalformedXml('a character that XML does not allow', bad.index);
  return new Reader(source.replace(/\r\n?/g, '\n')).document();
}

class Reader {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  document(): XmlElement {
    const prolog =
      /^<\?xml\s+version=(["'])1\.\d\1(?:\s+encoding=(["'])([A-Za-z][\w.-]*)\2)?(?:\s+standalone=(["'])(?:yes|no)\4)?\s*\?>/.exec(
        this.#source,
      );
    if (prolog !== null) {
      if (prolog[3] !== undefined && prolog[3].toLowerCase() !== 'utf-8')
        throw this.#fail('an encoding other than UTF-8');
      this.#at = prolog[0].length;
    }
    this.#misc();
    const root = this.#element(1);
    this.#misc();
    if (this.#at < this.#source.length) throw this.#fail('something after the root element');
    return root;
  }

  #fail(why: string): MalformedXml {
    return new MalformedXml(why, this.#at);
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source) ?? undefined;
    if (found !== undefined) this.#at = pattern.lastIndex;
    return found;
  }

  #is(text: string): boolean {
    return this.#source.startsWith(text, this.#at);
  }

  /** White space and comments. */
  #misc(): void {
    for (;;) {
      this.#take(/\s+/y);
      if (!this.#is('<!--')) return;
      this.#comment();
    }
  }

  #comment(): void {
    const end = this.#source.indexOf('--', this.#at + 4);
    if (end < 0 || this.#source[end + 2] !== '>') throw this.#fail('a comment without proper end');
    this.#at = end + 3;
  }

  #element(depth: number): XmlElement {
    if (depth > maxDepth) throw this.#fail('elements nested too deeply');
    const name = this.#take(/<([A-Za-z_][\w.:-]*)/y)?.[1];
    if (name === undefined) throw this.#fail('no element');
    this.#attributes();
    const element: XmlElement = { name, children: [], text: '' };
    if (this.#take(/\/>/y) !== undefined) return element;
    if (this.#take(/>/y) === undefined) throw this.#fail(`the tag of ${name} is not closed`);
    for (;;) {
      if (this.#is('</')) {
        const end = this.#take(/<\/([A-Za-z_][\w.:-]*)\s*>/y)?.[1];
        if (end !== name) throw this.#fail(`no end tag of ${name}`);
        return element;
      }
      if (this.#is('<!--')) this.#comment();
      else if (this.#is('<![CDATA[')) element.text += this.#cdata();
      else if (this.#is('<')) element.children.push(this.#element(depth + 1));
      else element.text += this.#text(name);
    }
  }

  #attributes(): void {
    const seen = new Set<string>();
    for (;;) {
      const found = this.#take(/\s+([A-Za-z_][\w.:-]*)\s*=\s*("[^"<]*"|'[^'<]*')/y);
      if (found === undefined) break;
      const [, name = '', value = ''] = found;
      if (seen.has(name)) throw this.#fail(`attribute ${name} is given twice`);
      seen.add(name);
      this.#resolve(value);
    }
    this.#take(/\s+/y);
  }

  #cdata(): string {
    const end = this.#source.indexOf(']]>', this.#at);
    if (end < 0) throw this.#fail('CDATA without end');
    const text = this.#source.slice(this.#at + '<![CDATA['.length, end);
    this.#at = end + 3;
    return text;
  }

  #text(inside: string): string {
    const raw = this.#take(/[^<]+/y)?.[0];
    if (raw === undefined) throw this.#fail(`no end tag of ${inside}`);
    if (raw.includes(']]>')) throw this.#fail(']]> in text');
    return this.#resolve(raw);
  }

  #resolve(raw: string): string {
    return raw.replace(
      /&(?:#(\d{1,7})|#x([\dA-Fa-f]{1,6})|([A-Za-z]+));|&/g,
      (whole, decimal?: string, hex?: string, name?: string) => {
        if (name !== undefined) {
          const character = valueAt(named, name);
          if (character === undefined) throw this.#fail(`unknown entity ${name}`);
          return character;
        }
        if (whole === '&') throw this.#fail('a bare &');
        const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number.parseInt(decimal, 10);
        if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) throw this.#fail('a reference to no character');
        const character = String.fromCodePoint(code);
        if (forbidden.test(character)) throw this.#fail('a reference to a character that XML does not allow');
        return character;
      },
    );
  }
}

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' };

const escape = (text: string): string =>
  text.replace(/[&<>\r]/g, (character) => valueAt(escapes, character) ?? character);

function writeElement(name: string, value: XmlValue | XmlValue[], attributes = ''): string {
  if (Array.isArray(value)) return value.map((item) => writeElement(name, item)).join('');
  if (value === undefined) return '';
  const content =
    typeof value === 'object'
      ? Object.entries(value)
          .map(([member, inner]) => writeElement(member, inner))
          .join('')
      : escape(String(value));
  return `<${name}${attributes}>${content}</${name}>`;
}

/** A document in the namespace of MNS. */
export const writeXml = (root: string, value: { [name: string]: XmlValue | XmlValue[] }): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${writeElement(root, value, ' xmlns="http://mns.aliyuncs.com/doc/v1/"')}`;
