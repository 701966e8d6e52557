/**
 * Rules that are judged at once although a further entry can take a fulfilment away: a `not` between steps, an average,
 * "fewer than".
 *
 * An entry is in the log as soon as one worker has appended it; what arrived before it may still be with another. So a
 * window counts only if it is fulfilled twice: in the log as it stands, and in what arrived before the arrival clock,
 * of which nothing is missing. The rest waits until the clock has passed it, which takes milliseconds; a backlog or a
 * dead worker makes it wait as long as it must.
 *
 *     arrival   ──●──────●───────│───○───────●──▶      ● appended   ○ with another worker
 *                              clock
 *
 * So the verdict is one that a single worker, going through the events as they arrived, would have come to as well.
 */
import { arrivedBefore } from '../event.ts';
import type { Entry } from './entry.ts';
import type { Findings, Moment, Verdict } from './verdict.ts';
import { earlier } from './settle.ts';

export type Prompt = {
  /** Judges a log as it stands. */
  readonly judge: (entries: readonly Entry[]) => Findings;
  /** True when further entries never take a fulfilment away. */
  readonly certain: () => boolean;
  /** How long before its end a window may look, ms. */
  readonly horizonMs: number;
};

/** The verdict on the log as it stands, as far as it is sure. */
export function prompt(entries: readonly Entry[], { clock, closing }: Moment, { judge, certain, horizonMs }: Prompt): Verdict {
  const whole = judge(entries);
  const sure: Verdict = { ...whole, reviewAt: undefined, holdFrom: undefined };
  if (closing !== undefined || whole.fulfilments.length === 0 || certain()) return sure;
  const known = entries.filter(({ ref }) => arrivedBefore(ref, clock));
  if (known.length === entries.length) return sure;
  const then = judge(known);
  const confirmed = new Set(then.fulfilments.map(({ by }) => by));
  const fulfilments = whole.fulfilments.filter(({ by }) => confirmed.has(by));
  if (fulfilments.length === whole.fulfilments.length) return sure;
  const open = whole.fulfilments.find(({ by }) => !confirmed.has(by))!;
  let next: number | undefined;
  for (const { ref } of entries) if (!arrivedBefore(ref, clock)) next = earlier(next, ref.ms + 1);
  return { ...whole, fulfilments, reviewAt: next, holdFrom: open.at - horizonMs, undecided: whole.undecided + then.undecided };
}
