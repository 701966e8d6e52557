/**
 * CSV record → event. Columns stay text, because account and card numbers can be too long for a number; only columns
 * named as money or numbers are converted:
 *
 *     money    "66.37"  → amt_minor: 6637          integer minor units, digit by digit, never through a float
 *     number   "42.67"  → 42.67
 *     time     anything ingest reads; or, with start and every, a step number: step 3 = start + 3 × every
 *     id       a column; else row-1, row-2 …, the same each time the file is read
 */
import { readTime } from '../../core/ingest/time.ts';

export type CsvMapping = {
  readonly dataset: string;
  readonly id: string | undefined;
  readonly time: string | undefined;
  readonly steps: { readonly startMs: number; readonly everyMs: number } | undefined;
  readonly money: readonly string[];
  readonly numbers: readonly string[];
  readonly drop: readonly string[];
  /** Decimal places: 2 for cents. */
  readonly digits: number;
};

export type CsvEvent = Readonly<Record<string, unknown>>;
export type CsvRow = { readonly event: CsvEvent } | { readonly fault: string };

/** What is wrong with the header, or with the columns that the mapping names; undefined if nothing is. */
export function headerFault(header: readonly string[], mapping: CsvMapping): string | undefined {
  const repeated = header.find((name, index) => header.indexOf(name) !== index);
  if (repeated !== undefined) return `column '${repeated}' appears twice in the header`;
  if (header.includes('')) return 'a column has no name';
  const asked = [mapping.id, mapping.time, ...mapping.money, ...mapping.numbers, ...mapping.drop];
  const missing = asked.find((name) => name !== undefined && !header.includes(name));
  return missing === undefined ? undefined : `unknown column '${missing}'; the header has ${header.join(', ')}`;
}

/** @param number of the record, from 1, not counting the header */
export function rowEvent(header: readonly string[], fields: readonly string[], number: number, mapping: CsvMapping): CsvRow {
  if (fields.length !== header.length) return { fault: `${fields.length} fields, but the header has ${header.length}` };
  const given = new Map(header.map((name, index) => [name, fields[index]!]));
  const time = mapping.time === undefined ? undefined : timeOf(given.get(mapping.time)!, mapping);
  if (time !== undefined && typeof time !== 'number') return { fault: `${mapping.time}: ${time.fault}` };
  const event: Record<string, unknown> = {
    __proto__: null,
    'event.dataset': mapping.dataset,
    'event.id': mapping.id === undefined ? `row-${number}` : given.get(mapping.id)!,
    ...(time === undefined ? {} : { '@timestamp': new Date(time).toISOString() }),
  };
  for (const [name, text] of given) {
    if (mapping.drop.includes(name)) continue;
    const isNumber = mapping.numbers.includes(name);
    const value = isNumber ? numberOf(text) : text;
    if (value === undefined) return { fault: `${name}: '${shown(text)}' is not a number` };
    event[name] = value;
    if (!mapping.money.includes(name)) continue;
    const minor = minorUnits(text, mapping.digits);
    if (minor === undefined) return { fault: `${name}: '${shown(text)}' is not an amount with at most ${mapping.digits} decimals` };
    event[`${name}_minor`] = minor;
  }
  return { event };
}

const shown = (text: string): string => text.slice(0, 40);

function numberOf(text: string): number | undefined {
  return /^-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?$/.test(text) && Number.isFinite(Number(text)) ? Number(text) : undefined;
}

/** "66.3" with two digits → 6630; undefined for text that is not a decimal, has more digits, or is beyond 2^53. */
export function minorUnits(text: string, digits: number): number | undefined {
  const found = /^(-?)([0-9]{1,16})(?:\.([0-9]*))?$/.exec(text.trim());
  const fraction = (found?.[3] ?? '').replace(/0+$/, '');
  if (found === null || fraction.length > digits) return undefined;
  const minor = Number(found[2]! + fraction.padEnd(digits, '0'));
  return Number.isSafeInteger(minor) ? (found[1] === '-' && minor !== 0 ? -minor : minor) : undefined;
}

function timeOf(text: string, { steps }: CsvMapping): number | { readonly fault: string } {
  if (steps !== undefined) {
    const ms = /^[0-9]{1,9}$/.test(text) ? steps.startMs + Number(text) * steps.everyMs : undefined;
    return ms !== undefined && ms <= timeMsMax ? ms : { fault: `'${shown(text)}' is not a step number` };
  }
  const time = readTime(text);
  return typeof time === 'number' ? time : { fault: time.detail };
}

/** The latest time that a Date can hold. */
const timeMsMax = 8.64e15;
