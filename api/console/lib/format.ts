/** Formats numbers, times and names. Times are UTC, so that they compare with the logs of every source. */
import type { VerdictLabel } from '../../../engine/core/alert/alert.ts';
import type { Level } from '../../../engine/core/rule.ts';

/** Most urgent first. */
export const levels: readonly Level[] = ['critical', 'high', 'medium', 'low', 'informational'];

export const rankOf = (level: Level): number => levels.indexOf(level);

/** In the order of their keyboard shortcuts, 1 to 4. */
export const verdicts: readonly VerdictLabel[] = ['true_positive', 'false_positive', 'benign', 'duplicate'];

export const words = (name: string): string => name.replaceAll('_', ' ');

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const grouped = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat('en-GB', { maximumSignificantDigits: 3 });

export const count = (n: number): string => grouped.format(n);
export const figure = (n: number): string => (Math.abs(n) >= 1000 ? grouped.format(n) : fine.format(n));
export const plural = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`;
export const percent = (share: number): string => `${fine.format(share * 100)} %`;

/** `2026-01-01 12:00:05`, with milliseconds only if they are not zero. */
export function moment(iso: string): string {
  const ms = Date.parse(iso);
  if (Number.isNaN(ms)) return iso;
  return new Date(ms).toISOString().replace('T', ' ').replace('.000Z', '').replace('Z', '');
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const units = [
  ['d', day],
  ['h', hour],
  ['m', minute],
  ['s', second],
] as const;

/** The two largest units: `1d 2h`, `12m`, `3.2s`, `40ms`. */
export function duration(ms: number): string {
  if (ms < second) return `${Math.round(ms)}ms`;
  if (ms < 10 * second) return `${fine.format(ms / second)}s`;
  const first = units.findIndex(([, size]) => ms >= size);
  const [name, size] = units[first]!;
  const whole = Math.floor(ms / size);
  const next = units[first + 1];
  const rest = next === undefined ? 0 : Math.floor((ms - whole * size) / next[1]);
  return rest === 0 ? `${whole}${name}` : `${whole}${name} ${rest}${next![0]}`;
}

/** One unit, for lists: `3m`, `2d`. */
export function age(iso: string, now: number): string {
  const ms = now - Date.parse(iso);
  if (ms < 5 * second) return 'now';
  const [name, size] = units.find(([, one]) => ms >= one)!;
  return `${Math.floor(ms / size)}${name}`;
}
