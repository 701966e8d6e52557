import fc from 'fast-check';
import { expect, it } from 'vitest';
import { firstWhere } from '../../../engine/core/util/first-where.ts';

it('finds what a scan from the left finds, and tests only positions in range', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 40 }), fc.integer({ min: -1, max: 21 }), (values, least) => {
      const sorted = values.toSorted((a, b) => a - b);
      const scanned = sorted.findIndex((value) => value >= least);
      expect(firstWhere(sorted.length, (at) => sorted[at]! >= least)).toBe(scanned === -1 ? sorted.length : scanned);
    }),
  );
});
