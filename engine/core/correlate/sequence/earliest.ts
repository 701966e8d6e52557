/**
 * Finds the assignment that begins first among those that end with one entry. If only the order connects the first event to
 * the rest (it is one event, without a `not` before or after it and without a `within` after it), it is the first event
 * within the timespan, whatever the rest. Otherwise a binary search finds it: one pass (ordered.ts) says whether an
 * assignment begins by a given time.
 */
import { completions, type Completion } from './completion.ts';
import type { Entry } from '../entry.ts';
import type { Step } from '../../step.ts';
import { countBefore, timelineOf, type SequenceParts, type Timeline } from './sequence.ts';
import type { Budget, Span } from '../verdict.ts';

type Ordered = { readonly steps: readonly Step[]; readonly parts: SequenceParts; readonly timespanMs: number };

/** Where an assignment can begin: the entries of the first step. */
export const beginsOf = ({ positives: [first] }: SequenceParts, entries: readonly Entry[]): Timeline => timelineOf(entries, first!.step);

/**
 * @param begins the entries of the first step, at least those among `entries`
 * @param entries the entries of which the assignment may be made, up to the instant of its end; called only if needed
 * @param latest the assignment that begins last
 * @param budget for the search for different events   @param looks how many entries may still be checked
 * @returns undefined when a bound was reached
 */
export function earliest(
  { steps, parts, timespanMs }: Ordered,
  { list, times }: Timeline,
  entries: () => readonly Entry[],
  latest: Completion,
  budget: Budget,
  looks: Budget,
): Completion | undefined {
  const { by, start } = latest;
  let low = countBefore(times, by.time - timespanMs + 1);
  let high = countBefore(times, start);
  if (low === high) return latest;
  const free = isFree(parts) ? beginningWith({ of: list, from: low, to: high }, latest) : undefined;
  if (free !== undefined) return free;
  const known = entries();
  let found = latest;
  for (let middle = low; low < high; middle = (low + high) >>> 1) {
    looks.left -= known.length;
    if (looks.left < 0) return undefined;
    const { found: complete, undecided } = completions(steps, timespanMs, known, budget, times[middle]);
    const other = complete.find((completion) => completion.by === by);
    if (other === undefined && undecided > 0) return undefined;
    if (other === undefined) low = middle + 1;
    else {
      found = other;
      high = countBefore(times, other.start);
    }
  }
  return found;
}

/** True when only the order connects the first event to the rest. */
function isFree({ positives: [first, second], leading }: SequenceParts): boolean {
  return first!.count === 1 && leading.length === 0 && second?.withinMs === Infinity && second.not.length === 0;
}

/** The same assignment with another first event: the first of these that it does not contain yet. Undefined if that is unknown. */
function beginningWith({ of, from, to }: Span, latest: Completion): Completion | undefined {
  // The spans of the steps, starting with the last step; a single span comes from a search for different events.
  const rest = latest.spans.slice(0, -1);
  if (rest.length === 0) return undefined;
  for (let i = from; i < to; i++) {
    const { id, time } = of[i]!;
    if (!rest.some((span) => holds(span, id))) return { ...latest, start: time, spans: [...rest, { of, from: i, to: i + 1 }] };
  }
  return undefined;
}

function holds({ of, from, to }: Span, id: string): boolean {
  for (let i = from; i < to; i++) if (of[i]!.id === id) return true;
  return false;
}
