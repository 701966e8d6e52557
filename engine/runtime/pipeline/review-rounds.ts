/**
 * Goes through the due reviews in rounds, a page at a time. A review that was looked at and is still due, because its
 * rule is unknown here (an orphan) or throws, is not looked at again before all others have been. So any number of
 * them delays none of the others.
 *
 *     due   ──o──o──●──o──●──o──o────────●──▶      ● evaluated   o left: it is still due afterwards
 *             └─── whole round ───┘└ new ┘
 *
 * After a whole round that left some, the rounds begin where it ended, for a rest in proportion to what it left: so it
 * costs about the same per second, however many those are. A review set meanwhile for a time before that place is
 * announced, and a round begins there.
 *
 * An orphan may be the business of another process, which runs other rules: it stays where it is, due at its time.
 */
import { limits } from '../../core/limits.ts';
import { endOfInstant, type Review, type ReviewPlace, type WindowStore } from '../correlate/ports.ts';

export type ReviewRounds = {
  /**
   * Works on the next page of reviews due at the clock, at most `max`. A page whose work throws counts as left.
   * @param nowMs any clock that never goes back   @param work gives how many of the reviews are no longer due
   * @returns how many there were; less than `max` at the end of a round
   */
  page(clockMs: number, max: number, nowMs: number, work: (reviews: readonly Review[]) => Promise<number>): Promise<number>;
  /** Announces that a review was set. */
  expect(dueMs: number): void;
};

export function reviewRounds(windows: Pick<WindowStore, 'due'>): ReviewRounds {
  let round: { readonly whole: boolean; readonly beganMs: number } | undefined;
  /** The last review that the round looked at. */
  let reached: ReviewPlace | undefined;
  /** Reviews left since the last whole round began. */
  let left = 0;
  /** Everything due by then has been looked at. */
  let passedMs = -Infinity;
  let restUntilMs = -Infinity;
  /** The earliest review set since the round began. */
  let setMs = Infinity;

  function begin(nowMs: number): { readonly whole: boolean; readonly beganMs: number } {
    const whole = left === 0 || nowMs >= restUntilMs;
    if (whole) left = 0;
    reached = whole ? undefined : endOfInstant(passedMs);
    setMs = Infinity;
    return { whole, beganMs: nowMs };
  }

  return {
    async page(clockMs, max, nowMs, work) {
      round ??= begin(nowMs);
      const reviews = await windows.due(clockMs, max, reached);
      reached = reviews.at(-1) ?? reached;
      left += reviews.length;
      try {
        if (reviews.length > 0) left -= await work(reviews);
      } finally {
        if (reviews.length < max) {
          passedMs = Math.min(clockMs, setMs - 1);
          if (round.whole) restUntilMs = round.beganMs + Math.min(limits.reviewRestMsMax, Math.max(limits.reviewRestMs, left));
          round = undefined;
        }
      }
      return reviews.length;
    },
    expect(dueMs) {
      setMs = Math.min(setMs, dueMs);
      passedMs = Math.min(passedMs, dueMs - 1);
    },
  };
}
