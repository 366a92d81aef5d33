import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oneLine, shortened } from '../../shared/text.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 200 });
const lone = fc.array(fc.constantFrom('\ud83d', '\ude00', 'x', '家'), { maxLength: 20 }).map((parts) => parts.join(''));

describe('one line', () => {
  it('keeps every character that can be seen', () => {
    const text = 'web_node_1 *~`|\\#{}[]() <at> 家 👨‍👩‍👧';
    expect(oneLine(text)).toBe(text);
  });

  it('has no line break, control character or half character', () => {
    expect(oneLine(' a\r\nb\t\u0000c\u0085d\u2028e\ud83d ')).toBe('a b c d e\ufffd');
    fc.assert(
      fc.property(fc.oneof(anyText, lone), (text) => {
        expect(oneLine(text)).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u2029]/u);
      }),
    );
  });

  it.each([
    ['a\u200bb\u2060c\ufeffd\u00ade', 'abcde'],
    ['\u{e0001}hidden\u{e0041}\u{e0042}', 'hidden'],
    ['\u2064\u206f\ufff9x\ufffb', 'x'],
    ['pay\u200dload \u200cx', 'payload x'],
    ['می\u200cخواهم', 'می\u200cخواهم'],
    ['👩\u200d💻', '👩\u200d💻'],
    ['👩🏽\u200d💻 ❤\ufe0f\u200d🔥', '👩🏽\u200d💻 ❤\ufe0f\u200d🔥'],
  ])('has no format character but those that shape what is seen: %j', (text, expected) => {
    expect(oneLine(text)).toBe(expected);
  });

  it('does not turn round what stands beside it', () => {
    expect(oneLine('ok\u202egpj.exe\u2066')).toBe('okgpj.exe');
  });
});

describe('a shortened text', () => {
  it.each([
    ['abcdef', 6, 'abcdef'],
    ['abcdefg', 6, 'abc…'],
    ['探测探测', 9, '探测…'],
    ['探测探测', 8, '探…'],
    ['👨‍👩‍👧👨‍👩‍👧', 35, '👨‍👩‍👧…'],
    ['e\u0301e\u0301e\u0301', 8, 'e\u0301…'],
    ['👨‍👩‍👧👨‍👩‍👧', 10, '…'],
  ])('of %s in %d bytes is %s', (text, maxBytes, expected) => {
    expect(shortened(text, maxBytes)).toBe(expected);
  });

  it('fits, and is the text or a beginning of it that ends between two characters', () => {
    const family = fc.array(fc.constantFrom('👨‍👩‍👧', '🇨🇳', 'e\u0301', '"', '\\', '家'), { maxLength: 60 });
    const texts = fc.oneof(
      anyText,
      family.map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(texts, fc.integer({ min: 3, max: 120 }), (text, maxBytes) => {
        const short = shortened(text, maxBytes);
        expect(Buffer.byteLength(short)).toBeLessThanOrEqual(Math.max(maxBytes, 3));
        if (short === text) return;
        const kept = short.slice(0, -1);
        expect(text.startsWith(kept)).toBe(true);
        const whole = [...new Intl.Segmenter().segment(text)].map(({ index }) => index);
        expect([...whole, text.length]).toContain(
          text.slice(0, kept.length + /^\s*/.exec(text.slice(kept.length))![0].length).length,
        );
      }),
    );
  });
});
