/** `temporal` where each event of the second step is one of the first too: many failures, many of them of one account. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrange, type Entry } from '../../../../engine/core/correlate/entry.ts';
import { evaluate } from '../../../../engine/core/correlate/evaluate.ts';
import { entryOf, later, sequenceRule } from '../evaluate.support.ts';

type Shape = {
  readonly any: number;
  readonly admin: number;
  readonly inMs: number | undefined;
  readonly timespanMs: number;
  readonly gaps: readonly number[];
  readonly isAdmin: readonly boolean[];
};

const shapes: fc.Arbitrary<Shape> = fc
  .record({
    any: fc.integer({ min: 1, max: 24 }),
    admin: fc.integer({ min: 1, max: 18 }),
    inMs: fc.option(fc.integer({ min: 5, max: 40 }), { nil: undefined }),
    timespanMs: fc.integer({ min: 20, max: 80 }),
    spare: fc.integer({ min: -8, max: 8 }),
    adminShare: fc.constantFrom(0.3, 0.5, 0.8, 1),
    gapMax: fc.constantFrom(0, 1, 2, 4),
  })
  .chain(({ any, admin, inMs, timespanMs, spare, adminShare, gapMax }) => {
    const count = Math.max(1, any + admin + spare);
    return fc.record({
      any: fc.constant(any),
      admin: fc.constant(admin),
      inMs: fc.constant(inMs),
      timespanMs: fc.constant(timespanMs),
      gaps: fc.array(fc.nat(gapMax), { minLength: count, maxLength: count }),
      isAdmin: fc.array(
        fc.nat(99).map((n) => n < 100 * adminShare),
        { minLength: count, maxLength: count },
      ),
    });
  });

function logOf({ gaps, isAdmin }: Shape): readonly Entry[] {
  let time = 0;
  return arrange(
    gaps.flatMap((gap, n) => {
      time += gap;
      const id = `e${String(n).padStart(3, '0')}`;
      return isAdmin[n] === true ? [entryOf({ time, id }), entryOf({ time, id, step: 1 })] : [entryOf({ time, id })];
    }),
  );
}

const rule = ({ any, admin, inMs, timespanMs }: Shape) =>
  sequenceRule(
    'temporal',
    [inMs === undefined ? { gte: any } : { gte: any, inMs }, inMs === undefined ? { gte: admin } : { gte: admin, inMs }],
    {
      timespanMs,
    },
  );

/** All runs of a step: for each first event, those less than `inMs` after it. */
const runs = (entries: readonly Entry[], step: number, inMs = Infinity): readonly (readonly string[])[] => {
  const own = entries.filter((entry) => entry.step === step);
  return own.map((first, i) => own.slice(i).flatMap(({ id, time }) => (time - first.time < inMs ? [id] : [])));
};

/** By counting: two steps find different events when each has enough, and both together have (Hall). */
function expected(shape: Shape, log: readonly Entry[]): string[] {
  const ends = [...new Map(log.map((entry, i) => [entry.id, i])).values()];
  return ends.flatMap((end) => {
    const by = log[end]!;
    const window = log.slice(0, end + 1).filter(({ time }) => time > by.time - shape.timespanMs);
    const admins = runs(window, 1, shape.inMs).filter((run) => run.length >= shape.admin);
    const fits = runs(window, 0, shape.inMs).some(
      (any) => any.length >= shape.any && admins.some((admin) => new Set([...any, ...admin]).size >= shape.any + shape.admin),
    );
    return fits ? [by.id] : [];
  });
}

describe('two steps that share events', () => {
  it('are fulfilled exactly where there are different events for both, and the search never meets its bound', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const log = logOf(shape);
        const { fulfilments, undecided } = evaluate(rule(shape), log, later);
        expect(fulfilments.map(({ by }) => by.id)).toEqual(expected(shape, log));
        expect(undecided).toBe(0);
        for (const { proof } of fulfilments) expect(new Set(proof.map(({ id }) => id)).size).toBe(shape.any + shape.admin);
      }),
      { numRuns: 1500 },
    );
  });

  it.each([1, 2, 3, 5])('20 of any and 15 of one account in 30 s need 35 events, one in %i of another account', (share) => {
    const shape = (count: number): Shape => ({
      any: 20,
      admin: 15,
      inMs: 30_000,
      timespanMs: 60_000,
      gaps: Array.from({ length: count }, () => 700),
      isAdmin: Array.from({ length: count }, (_, n) => share === 1 || n % share !== 0),
    });
    for (const count of [20, 27, 34, 35, 36, 60]) {
      const log = logOf(shape(count));
      const { fulfilments, undecided } = evaluate(rule(shape(count)), log, later);
      expect(fulfilments.map(({ by }) => by.id)).toEqual(expected(shape(count), log));
      if (count < 35) expect(fulfilments).toEqual([]);
      expect(undecided).toBe(0);
    }
  });
});
