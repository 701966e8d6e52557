/** What a text may be before it is parsed: nothing that is refused here reaches the parser. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { excessOf } from '../../../engine/compile/source/nesting.ts';
import { limits } from '../../../engine/core/limits.ts';

const size = limits.ruleFileCharactersMax;
const levels = (text: string): boolean => excessOf(text)?.of === 'levels';

describe('levels', () => {
  const staircase = Array.from({ length: 1900 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join('');
  it.each([
    ['brackets', '['.repeat(size)],
    ['braces', '{"a":'.repeat(size / 5)],
    ['closed brackets', '['.repeat(size / 2) + ']'.repeat(size / 2)],
    ['compact lists', '- '.repeat(size / 2)],
    ['compact lists with tabs', '-\t'.repeat(size / 2)],
    ['complex keys', '? '.repeat(size / 2)],
    ['indentation', staircase],
  ])('are counted for %s', (_, text) => expect(levels(text)).toBe(true));

  it('are not what follows one another', () => {
    expect(excessOf('- [a, { b: c }]\n'.repeat(2000))).toBeUndefined();
    expect(excessOf(`${'  - a:\n      b: c\n'.repeat(2000)}`)).toBeUndefined();
    expect(excessOf(`id: x\ntext: "${'['.repeat(900)}"\n`)).toBeUndefined();
  });

  it('of a text of nested lists are as many as the lists', () => {
    const max = limits.documentDepthMax * 16;
    fc.assert(
      fc.property(fc.integer({ min: max - 3, max: max + 3 }), fc.constantFrom('[', '{'), (depth, open) => {
        // The line itself is a level.
        expect(levels(open.repeat(depth))).toBe(depth + 1 > max);
      }),
    );
  });
});

describe('values', () => {
  const many = limits.documentValuesMax + 10;
  it.each([
    ['commas', ','.repeat(many)],
    ['lines', '-\n'.repeat(many)],
    ['siblings', '{}'.repeat(many)],
  ])('are counted for %s', (_, text) => expect(excessOf(text)?.of).toBe('values'));

  it('may be as many as a large list of addresses has', () => {
    const list = Array.from({ length: 100_000 }, (_, i) => `  - 10.0.${i >> 8}.${i & 255}\n`).join('');
    expect(excessOf(`value:\n${list}`)).toBeUndefined();
  });
});
