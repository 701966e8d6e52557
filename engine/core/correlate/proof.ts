/**
 * Reads the entries of a proof. Fulfilments share their log's list and only keep their positions in it, so that reading
 * one proof costs about as much as its size.
 */
import { compareEntries, type Entry } from './entry.ts';
import type { Fulfilment, Span } from './verdict.ts';

/** @param spans spans of arranged lists; no entry may be in two of them */
export const fulfilment = (at: number, by: Entry, value: number, spans: readonly Span[]): Fulfilment => new Proven(at, by, value, spans);

/** This is a class only so that thousands of fulfilments share one getter. */
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
const eventsIn = (spans: readonly Span[]): number =>
  new Set(spans.flatMap(({ of, from, to }) => of.slice(from, to).map(({ id }) => id))).size;

/** True when an event is in the spans twice. */
export const repeats = (spans: readonly Span[]): boolean => eventsIn(spans) < spans.reduce((sum, { from, to }) => sum + to - from, 0);
