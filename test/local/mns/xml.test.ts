import { assert, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedXml, readXml, writeXml } from '../../../local/mns/xml.ts';

describe('XML: reading', () => {
  it('reads nested elements, attributes, comments, CDATA and references', () => {
    const text = `\ufeff<?xml version='1.0' encoding="utf-8"?><!-- a --><Message xmlns="http://mns.aliyuncs.com/doc/v1/" a='b'>
      <MessageBody >1 &lt;2 &amp;&#x41;&#66;<![CDATA[<&>]]></MessageBody><Empty/><!-- b --></Message >\n`;
    const root = readXml(Buffer.from(text));
    expect(root.name).toBe('Message');
    expect(root.children.map(({ name, text }) => [name, text])).toEqual([
      ['MessageBody', '1 <2 &AB<&>'],
      ['Empty', ''],
    ]);
  });

  it('reads text back just as it was written', () => {
    const legal = string({ unit: 'binary' }).filter(
      (text) =>
        // oxlint-disable-next-line no-control-regex -- the characters that XML forbids
        !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(text),
    );
    assert(
      property(legal, (text) => {
        expect(readXml(Buffer.from(writeXml('A', { B: text }))).children[0]?.text).toBe(text);
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it.each([
    ['nothing', ''],
    ['text only', 'hello'],
    ['an unclosed element', '<A><B></B>'],
    ['a wrong end tag', '<A></B>'],
    ['two roots', '<A/><B/>'],
    ['text after the root', '<A/>x'],
    ['a bare ampersand', '<A>a & b</A>'],
    ['a bare less-than', '<A>a < b</A>'],
    ['an unknown entity', '<A>&nbsp;</A>'],
    ['an inherited name as entity', '<A>&constructor;</A>'],
    ['a reference to a control character', '<A>&#0;</A>'],
    ['a control character', '<A>\u0001</A>'],
    ['a DTD', '<!DOCTYPE A><A/>'],
    ['a processing instruction', '<A><?php ?></A>'],
    ['an attribute without quotes', '<A b=c/>'],
    ['an attribute given twice', '<A b="1" b="2"/>'],
    ['a comment with two dashes', '<A><!-- a -- b --></A>'],
    ['another encoding', '<?xml version="1.0" encoding="GBK"?><A/>'],
    ['the end of CDATA in text', '<A>]]></A>'],
    ['very deep nesting', '<A>'.repeat(100_000)],
  ])('refuses %s', (_name, text) => {
    expect(() => readXml(text)).toThrow(MalformedXml);
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(() => readXml(Buffer.from([0x3c, 0x41, 0x3e, 0xff, 0x3c, 0x2f, 0x41, 0x3e]))).toThrow(MalformedXml);
  });
});

describe('XML: writing', () => {
  it('leaves out what is undefined, repeats arrays, escapes text', () => {
    expect(writeXml('Queues', { Queue: [{ QueueURL: 'a&b' }, { QueueURL: '<c>' }], NextMarker: undefined })).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<Queues xmlns="http://mns.aliyuncs.com/doc/v1/"><Queue><QueueURL>a&amp;b</QueueURL></Queue><Queue><QueueURL>&lt;c&gt;</QueueURL></Queue></Queues>',
    );
  });
});
