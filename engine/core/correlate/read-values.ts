/** What entries can carry: nothing, the numbers of a field, or a hash of each distinct value. */
import { groupsOf, keyTexts } from './group.ts';
import { limits } from '../limits.ts';
import { tupleText } from '../util/hash.ts';
import type { Values } from './values.ts';

/** Only the event counts: each gives one entry. */
export const noValue: Values = {
  carried: 'none',
  reader: () => ({ one: () => 0, all: () => zero }),
};

const zero: readonly number[] = [0];

/** Numbers and numeric text of the first field; an array gives each of its members. */
export const numbers: Values = {
  carried: 'number',
  reader([field], _, onCut) {
    const { slot } = field!;
    return {
      one(view) {
        const value = view.at(slot);
        return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
      },
      all: (view) => numbersIn(view.at(slot), onCut),
    };
  },
};

/** One hash for each distinct value; several fields are counted as tuples. */
export const distinctValues: Values = {
  carried: 'hash',
  reader(fields, hashes, onCut) {
    if (fields.length !== 1) {
      return { one: () => undefined, all: (view) => groupsOf(view, fields, onCut).map((tuple) => hashes.hashOf(tupleText(tuple))) };
    }
    const { slot } = fields[0]!;
    return {
      one(view) {
        const value = view.at(slot);
        return typeof value === 'string' && value !== '' ? hashes.hashOfRaw(value) : undefined;
      },
      all: (view) => keyTexts(view.at(slot), onCut).map((text) => hashes.hashOf(text)),
    };
  },
};

function numbersIn(value: unknown, onCut: () => void): readonly number[] {
  const single = numeric(value);
  if (single !== undefined) return [single];
  if (!Array.isArray(value)) return [];
  if (value.length > limits.valuesPerEventMax) onCut();
  return value.slice(0, limits.valuesPerEventMax).flatMap((member) => numeric(member) ?? []);
}

/** The value as a finite number, or the number that its text spells; undefined for anything else. */
export function numeric(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || !/^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(value)) return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}
