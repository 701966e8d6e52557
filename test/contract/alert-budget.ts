/** The contract of every alert budget. Run on Redis (test/redis/forward/budget.test.ts) and on Maps (test/contract/alert-budget.memory.test.ts). */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { AlertBudget } from '../../engine/runtime/forward/ports.ts';

/** @param open opens an empty budget */
export function alertBudgetContract(open: (max: number) => Promise<AlertBudget>): void {
  const yes = (within: readonly boolean[]): number => within.filter(Boolean).length;

  it('admits alerts up to the maximum of each name, and counts the others', async () => {
    const budget = await open(2);
    expect(budget.max).toBe(2);
    expect(
      await budget.take([
        { name: 'x', ids: ['al_a', 'al_b', 'al_c'] },
        { name: 'y', ids: ['al_a'] },
      ]),
    ).toEqual([
      { within: [true, true, false], folded: 1, added: 1 },
      { within: [true], folded: 0, added: 0 },
    ]);
    expect(await budget.take([{ name: 'x', ids: ['al_d', 'al_a', 'al_c'] }])).toEqual([
      { within: [false, true, false], folded: 2, added: 1 },
    ]);
    expect(await budget.take([])).toEqual([]);
  });

  it('gives the same answer for an id each time, in any order', async () => {
    const ids = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.array(ids, { maxLength: 10 }), fc.nat(6), async (asks, max) => {
        const budget = await open(max);
        const known = new Map<string, boolean>();
        for (const ask of asks) {
          const names = ask.map((id) => `al_${id}`);
          const [answer] = await budget.take([{ name: 'x', ids: names }]);
          names.forEach((id, i) => {
            expect(answer!.within[i]).toBe(known.get(id) ?? answer!.within[i]);
            known.set(id, answer!.within[i]!);
          });
          expect(yes([...known.values()])).toBe(Math.min(max, known.size));
          expect(answer!.folded).toBe(known.size - yes([...known.values()]));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('counts thousands of alerts to within a few percent', async () => {
    const budget = await open(10);
    for (let from = 0; from < 5010; from += 501)
      await budget.take([{ name: 'x', ids: Array.from({ length: 501 }, (_, i) => `al_${from + i}`) }]);
    const [again] = await budget.take([{ name: 'x', ids: ['al_5009'] }]);
    expect(again).toMatchObject({ within: [false], added: 0 });
    expect(Math.abs(again!.folded - 5000)).toBeLessThan(200);
  });
}
