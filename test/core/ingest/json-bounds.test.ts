import fc from 'fast-check';
import { expect, it } from 'vitest';
import { textSize } from '../../../engine/core/ingest/json-bounds.ts';

it('textSize of an object of strings is the length of its JSON', () => {
  const event = { note: 'x'.repeat(1000), 'user.name': 'ann', tags: ['a', 'bc'] };
  expect(Math.abs(textSize(event) - JSON.stringify(event).length)).toBeLessThan(5);
});

it('textSize of any value is close to the length of its JSON', () => {
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.string({ unit: fc.constantFrom(...'abc') }),
      fc.constantFrom(null, true, 0, 1.5, -1e300),
      fc.array(tie('tree'), { maxLength: 5 }),
      fc.dictionary(fc.string({ unit: fc.constantFrom(...'abc') }), tie('tree'), { maxKeys: 5 }),
    ),
  }));
  fc.assert(
    fc.property(tree, (value) => {
      const { length } = JSON.stringify(value);
      expect(textSize(value)).toBeGreaterThan(length / 2);
      expect(textSize(value)).toBeLessThan(8 * length + 8);
    }),
  );
});
