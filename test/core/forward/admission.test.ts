import fc from 'fast-check';
import { expect, it } from 'vitest';
import { levels, type Level } from '../../../engine/core/rule.ts';
import { admit, boundOf, levelsByUrgency } from '../../../engine/core/forward/admission.ts';

const none = Object.fromEntries(levels.map((level) => [level, 0])) as Record<Level, number>;

it('never lets a level in where a higher one, or an earlier one of its own, waits', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...levels), { maxLength: 30 }),
      fc.nat(30),
      fc.integer({ min: 1, max: 30 }),
      fc.option(fc.constantFrom(...levels), { nil: undefined }),
      (list, size, siemMax, waits) => {
        const alerts = list.map((level, at) => ({ level, at }));
        const { enter, wait } = admit(alerts, size, waits === undefined ? none : { ...none, [waits]: 1 }, siemMax);
        expect([...enter, ...wait].map(({ at }) => at).toSorted((a, b) => a - b)).toEqual(alerts.map(({ at }) => at));
        const urgency = (level: Level): number => levelsByUrgency.indexOf(level);
        const lowestIn = Math.max(-1, ...enter.map(({ level }) => urgency(level)));
        expect(wait.every(({ level }) => urgency(level) >= lowestIn)).toBe(true);
        expect(enter.every(({ level }) => waits === undefined || urgency(level) < urgency(waits))).toBe(true);
        expect(size + enter.length <= Math.max(size, boundOf('critical', siemMax))).toBe(true);
        for (const { level, at } of wait) expect(enter.some((one) => one.level === level && one.at > at)).toBe(false);
      },
    ),
    { numRuns: 2000 },
  );
});
