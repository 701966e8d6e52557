/**
 * `settle: true`: a window is evaluated once, when nothing that belongs to it can still arrive within the lateness.
 *
 * All windows that end at one instant are evaluated as one, with the whole instant in it. It is due when the arrival
 * clock passes
 *
 *     due = arrival of the first entry that could complete a window at that instant + lateness
 *
 * and it is evaluated on what had arrived by then, however much later the evaluation happens: what arrives afterwards does
 * not count. The *first* entry decides, because a later one of the same instant must not delay a verdict that was due.
 *
 * An evaluation before that time ignores later arrivals as well: other workers may have appended entries that the arrival
 * clock has not passed yet.
 *
 * Almost always everything in a window has arrived by its due time; then evaluating the whole log is enough. Only for the
 * other windows is the log reduced to what had arrived, and evaluated for that one instant.
 */
import type { Entry } from './entry.ts';
import type { Correlated } from './kind.ts';
import { limits } from '../limits.ts';
import type { Budget, Fulfilment, Moment, Verdict } from './verdict.ts';

/** The verdict on the instants that are due. */
export function settled(rule: Correlated, entries: readonly Entry[], moment: Moment, budget: Budget): Verdict {
  const { kind } = rule.correlation;
  const horizonMs = kind.horizonMs(rule);
  const whole = kind.evaluateLog(rule, entries, budget);
  const present = lastOfEachInstant(whole.fulfilments);
  const fulfilments: Fulfilment[] = [];
  let { undecided } = whole;
  let reviewAt: number | undefined;
  let holdFrom: number | undefined;
  let looks = limits.rejudgedMax;
  let from = 0;
  let newestArrival = -Infinity;
  for (let i = 0; i < entries.length;) {
    const at = entries[i]!.time;
    let due = Infinity;
    for (; i < entries.length && entries[i]!.time === at; i++) {
      const entry = entries[i]!;
      newestArrival = Math.max(newestArrival, entry.ref.ms);
      if (kind.mayEndAt(rule, entry)) due = Math.min(due, entry.ref.ms + moment.latenessMs);
    }
    if (due === Infinity) continue;
    let found = present.get(at);
    if (newestArrival > due) {
      while (entries[from]!.time < at - horizonMs) from++;
      const known = entries.slice(from, i).filter((entry) => entry.ref.ms <= due);
      looks -= i - from;
      if (looks < 0) undecided++;
      else if (known.length < i - from) {
        const then = kind.evaluateLog(rule, known, budget);
        undecided += then.undecided;
        found = then.fulfilments.findLast((each) => each.at === at);
      }
    }
    if (found === undefined) continue;
    if (isDue(at, due, moment)) {
      fulfilments.push(found);
    } else {
      reviewAt = earlier(reviewAt, due + 1);
      holdFrom = earlier(holdFrom, at - horizonMs);
    }
  }
  return { ...whole, fulfilments, reviewAt, holdFrom, undecided };
}

/** True when the clock has passed `due`, or, at the end of an input, when the input reached that event time. */
export const isDue = (at: number, due: number, { clock, closing }: Moment): boolean =>
  closing === undefined ? clock.ms > due : at <= closing;

export const earlier = (a: number | undefined, b: number): number => (a === undefined || b < a ? b : a);

function lastOfEachInstant(fulfilments: readonly Fulfilment[]): Map<number, Fulfilment> {
  const last = new Map<number, Fulfilment>();
  for (const found of fulfilments) last.set(found.at, found);
  return last;
}
