/**
 * Rules that are evaluated at once. If further entries can only help, the result is final. If a further entry can undo a
 * fulfilment (a `not` between steps, an average, "fewer than"), the result is final once the arrival clock has passed.
 *
 * An entry is in the log as soon as one worker has appended it; what arrived before it may still be with another. So a
 * window counts only if it is fulfilled twice: in the whole log, and in the part that arrived before the arrival clock,
 * which is complete. The other windows wait until the clock has passed them, which takes milliseconds, or as long as a
 * backlog or a dead worker delays the clock.
 *
 *     arrival   ──●──────●───────│───○───────●──▶      ● appended   ○ with another worker
 *                              clock
 *
 * So a single worker that processed the events in order of arrival would have reached the same verdict.
 */
import { arrivedBefore } from '../event.ts';
import type { Entry } from './entry.ts';
import type { Correlated } from './kind.ts';
import { earlier } from './settle.ts';
import type { Budget, Moment, Verdict } from './verdict.ts';

/** The final part of the verdict on the log. */
export function early(rule: Correlated, entries: readonly Entry[], { clock, closing }: Moment, budget: Budget): Verdict {
  const { kind } = rule.correlation;
  const whole = kind.evaluateLog(rule, entries, budget);
  const sure: Verdict = { ...whole, reviewAt: undefined, holdFrom: undefined };
  if (closing !== undefined || whole.fulfilments.length === 0 || kind.isMonotone(rule, entries)) return sure;
  const known = entries.filter(({ ref }) => arrivedBefore(ref, clock));
  if (known.length === entries.length) return sure;
  const then = kind.evaluateLog(rule, known, budget);
  const confirmed = new Set(then.fulfilments.map(({ by }) => by));
  const fulfilments = whole.fulfilments.filter(({ by }) => confirmed.has(by));
  if (fulfilments.length === whole.fulfilments.length) return sure;
  const open = whole.fulfilments.find(({ by }) => !confirmed.has(by))!;
  let next: number | undefined;
  for (const { ref } of entries) if (!arrivedBefore(ref, clock)) next = earlier(next, ref.ms + 1);
  const holdFrom = open.at - kind.horizonMs(rule);
  return { ...whole, fulfilments, reviewAt: next, holdFrom, undecided: whole.undecided + then.undecided };
}
