import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cut, parts, plain } from '../../../../api/console/state/visible.ts';

const marked = (text: string): string =>
  parts(text)
    .map((part) => (part.hidden ? `<${part.text}>` : part.text))
    .join('');

test.each([
  ['plain text, with ümlauts, 漢字, عربى and 😀', 'plain text, with ümlauts, 漢字, عربى and 😀'],
  ['a\u202Egpj.exe', 'a<U+202E>gpj.exe'],
  ['a\nb\tc\r\0\u001b[31m', 'a<↵>b<⇥>c<CR><NUL><ESC>[31m'],
  ['a\u200Bb\uFEFFc\u00ADd', 'a<U+200B>b<U+FEFF>c<U+00AD>d'],
  ['a\u00A0b\u3000c d', 'a<U+00A0>b<U+3000>c d'],
  ['a\u2028b\u2029c\u0085d', 'a<U+2028>b<U+2029>c<U+0085>d'],
  ['a\u{E0041}b\u{E0100}c\uFE0Fd\u3164e', 'a<U+E0041>b<U+E0100>c<U+FE0F>d<U+3164>e'],
  ['a\uD800b', 'a<U+D800>b'],
  ['', ''],
])('%j', (text, shown) => expect(marked(text)).toBe(shown));

test('line ends are kept where text is shown in lines', () => {
  expect(parts('a\nb', '\n')).toEqual([{ text: 'a\nb', hidden: false }]);
});

test('no text leaves invisible characters on the page', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(
        parts(text)
          .map((part) => part.text)
          .join(''),
      ).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/u);
      // Nothing is lost either.
      expect(
        parts(text).filter((part) => part.hidden).length +
          [
            ...parts(text)
              .filter((part) => !part.hidden)
              .map((part) => part.text)
              .join(''),
          ].length,
      ).toBe([...text].length);
    }),
  );
});

test('cuts a text, but never within a character', () => {
  expect(cut('abc', 3)).toEqual({ text: 'abc', left: 0 });
  expect(cut('abcd', 3)).toEqual({ text: 'abc', left: 1 });
  expect(cut('ab😀d', 3)).toEqual({ text: 'ab', left: 3 });
  expect(plain('a\u202Eb'.repeat(100), 3)).toBe('a[U+202E]b');
});
