/**
 * Of the assignments that end with one entry, the one that begins first. Where nothing but the order binds the first
 * event to the rest (one event, without a `not` before or behind it or a `within` behind it), it is the first event
 * within the timespan, whatever the rest. Else it is looked for by halving: whether one begins by a time is one pass
 * (ordered.ts).
 */
import { completions, type Completion } from './completion.ts';
import type { Entry } from './entry.ts';
import type { Budget } from './matching.ts';
import type { Step } from './rule.ts';
import { countBefore, type Parts } from './sequence.ts';
import type { Span } from './verdict.ts';

export type Sequence = { readonly steps: readonly Step[]; readonly parts: Parts; readonly timespanMs: number };

/**
 * @param entries what the assignment may be made of, up to the instant of its end
 * @param latest the one that begins last
 * @param budget of the search for different events   @param looks entries that may be looked at
 * @returns undefined when they may not be
 */
export function earliest(
  { steps, parts, timespanMs }: Sequence,
  entries: readonly Entry[],
  latest: Completion,
  budget: Budget,
  looks: Budget,
): Completion | undefined {
  const { by, start } = latest;
  const [first] = parts.positives;
  const begins = entries.filter(({ step, time }) => step === first!.step && time > by.time - timespanMs && time < start);
  if (begins.length === 0) return latest;
  const free = isFree(parts) ? beginningWith(begins, latest) : undefined;
  if (free !== undefined) return free;
  const times = begins.map(({ time }) => time);
  let found = latest;
  let low = 0;
  let high = times.length;
  for (let middle = 0; low < high; middle = (low + high) >>> 1) {
    looks.left -= entries.length;
    if (looks.left < 0) return undefined;
    const other = completions(steps, timespanMs, entries, budget, times[middle]).found.find((completion) => completion.by === by);
    if (other === undefined) low = middle + 1;
    else {
      found = other;
      high = countBefore(times, other.start);
    }
  }
  return found;
}

/** True when only the order binds the first event to the rest. */
function isFree({ positives: [first, second], leading }: Parts): boolean {
  return first!.count === 1 && leading.length === 0 && second?.withinMs === Infinity && second.not.length === 0;
}

/** The assignment with the first of these events that it does not hold already in place of its own; undefined where that cannot be told. */
function beginningWith(begins: readonly Entry[], latest: Completion): Completion | undefined {
  // The steps' spans, the last step's first; a single one is of a search for different events.
  const rest = latest.spans.slice(0, -1);
  const from = rest.length === 0 ? -1 : begins.findIndex(({ id }) => !rest.some((span) => holds(span, id)));
  if (from === -1) return undefined;
  return { ...latest, start: begins[from]!.time, spans: [...rest, { of: begins, from, to: from + 1 }] };
}

function holds({ of, from, to }: Span, id: string): boolean {
  for (let i = from; i < to; i++) if (of[i]!.id === id) return true;
  return false;
}
