/** Random numbers that are the same on every machine. */
import { describe, expect, it } from 'vitest';
import { dice } from '../../engine/demo/dice.ts';

describe('dice', () => {
  it('give these numbers for this seed, on every machine', () => {
    const { int } = dice('weir 1');
    expect(Array.from({ length: 8 }, () => int(0, 999))).toEqual([608, 311, 958, 531, 702, 386, 84, 317]);
  });

  it('have forks with their own streams, which other draws do not affect', () => {
    const drawn = dice('a');
    drawn.next();
    expect(drawn.fork('b').next()).toBe(dice('a').fork('b').next());
    expect(dice('a').fork('b').next()).not.toBe(dice('a').fork('c').next());
  });

  it('stay within their bounds, and reach them', () => {
    const { int, chance, wait, amount, pick } = dice('bounds');
    const ints = Array.from({ length: 2000 }, () => int(3, 7));
    expect([Math.min(...ints), Math.max(...ints)]).toEqual([3, 7]);
    expect(Array.from({ length: 500 }, () => chance(0)).some(Boolean)).toBe(false);
    expect(Array.from({ length: 500 }, () => chance(1)).every(Boolean)).toBe(true);
    const waits = Array.from({ length: 4000 }, () => wait(1000));
    const mean = waits.reduce((sum, value) => sum + value, 0) / waits.length;
    expect(mean).toBeGreaterThan(900);
    expect(mean).toBeLessThan(1100);
    const amounts = Array.from({ length: 4001 }, () => amount(2400, 1)).toSorted((a, b) => a - b);
    expect(amounts[2000]).toBeGreaterThan(2100);
    expect(amounts[2000]).toBeLessThan(2700);
    expect(amounts.every((value) => Number.isInteger(value) && value > 0)).toBe(true);
    expect(new Set(Array.from({ length: 200 }, () => pick(['a', 'b', 'c'])))).toEqual(new Set(['a', 'b', 'c']));
  });
});
