/**
 * Reads the entries of a proof. Fulfilments share their log's list and only keep where in it they lie, so that
 * asking for one proof, or for everything that took part in many, costs about what it returns.
 */
import { compareEntries, type Entry } from './entry.ts';
import type { Fulfilment, Span } from './verdict.ts';

/** @param spans of arranged lists; together they hold no entry twice. */
export const fulfilment = (at: number, by: Entry, value: number, spans: readonly Span[]): Fulfilment => new Proven(at, by, value, spans);

/** A class only so that thousands of fulfilments share one getter. */
class Proven implements Fulfilment {
  readonly at: number;
  readonly by: Entry;
  readonly value: number;
  readonly spans: readonly Span[];

  constructor(at: number, by: Entry, value: number, spans: readonly Span[]) {
    this.at = at;
    this.by = by;
    this.value = value;
    this.spans = spans;
  }

  get proof(): readonly Entry[] {
    const [first, ...others] = this.spans;
    if (first === undefined) return [];
    if (others.length === 0) return first.of.slice(first.from, first.to);
    return this.spans.flatMap(({ of, from, to }) => of.slice(from, to)).toSorted(compareEntries);
  }
}

/** The number of different events among the entries of the spans. */
export const eventsIn = (spans: readonly Span[]): number =>
  new Set(spans.flatMap(({ of, from, to }) => of.slice(from, to).map(({ id }) => id))).size;

/** True when an event stands in the spans twice. */
export const repeats = (spans: readonly Span[]): boolean => eventsIn(spans) < spans.reduce((sum, { from, to }) => sum + to - from, 0);

/**
 * The events that take part in any of the fulfilments, each once, in (time, id) order, as their first entries.
 * Linear in the spans and the entries, however much the windows overlap.
 */
export function participants(fulfilments: readonly Fulfilment[]): readonly Entry[] {
  const byList = new Map<readonly Entry[], Span[]>();
  for (const { spans } of fulfilments) {
    for (const span of spans) {
      const known = byList.get(span.of);
      if (known === undefined) byList.set(span.of, [span]);
      else known.push(span);
    }
  }
  const covered: Entry[] = [];
  for (const [list, spans] of byList) cover(list, spans, covered);
  if (byList.size > 1) covered.sort(compareEntries);
  const seen = new Set<string>();
  return covered.filter(({ id }) => !seen.has(id) && seen.add(id));
}

/** Appends to `into` what the spans cover of their list, each entry once. */
function cover(list: readonly Entry[], spans: readonly Span[], into: Entry[]): void {
  let low = list.length;
  let high = 0;
  for (const { from, to } of spans) {
    if (from < low) low = from;
    if (to > high) high = to;
  }
  const depth = new Int32Array(high - low + 1);
  for (const { from, to } of spans) {
    depth[from - low]!++;
    depth[to - low]!--;
  }
  for (let i = low, open = 0; i < high; i++) {
    open += depth[i - low]!;
    if (open > 0) into.push(list[i]!);
  }
}
