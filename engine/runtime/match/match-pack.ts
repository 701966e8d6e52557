/**
 * The match stage: matches each event of a pack against the rule set. A match of a correlated rule becomes observations;
 * a match of a single-event rule is passed to `single`. Synchronous: nothing here waits.
 */
import type { Located } from '../../core/event.ts';
import { limits } from '../../core/limits.ts';
import type { Matcher, RuleSet } from '../../core/rule.ts';
import { eventHash } from '../../core/util/hash.ts';
import type { Observers } from '../correlate/observers.ts';
import type { AppendBuffer } from '../correlate/ports.ts';
import type { RuleCounts } from '../metering/rule-counts.ts';

/** Called with each match of a single-event rule. */
export type OnSingle = (match: Matcher, located: Located) => void;

/**
 * Matches the events of the pack from `from` on, until `isFull` says that the batch is full.
 * @returns the position after the last event matched
 */
export type MatchPack = (pack: readonly Located[], from: number, buffer: AppendBuffer, single: OnSingle, isFull: () => boolean) => number;

export function packMatcher(ruleset: RuleSet, observers: Observers, counts: RuleCounts): MatchPack {
  const view = ruleset.view();
  const { matched } = counts;
  let untilSample = limits.costSampleEvents;

  /** Times the conditions on one event in `costSampleEvents`. It picks the events once per pack, so that the others do not pay for it. */
  function sample(pack: readonly Located[]): void {
    untilSample -= pack.length;
    for (; untilSample <= 0; untilSample += limits.costSampleEvents) {
      const { event } = pack[pack.length - 1 + untilSample]!;
      ruleset.time(view.load(event), now, ({ id }, ms) => counts.add('matchSeconds', id, (ms / 1000) * limits.costSampleEvents));
    }
  }

  return (pack, from, buffer, single, isFull) => {
    if (from === 0) sample(pack);
    for (let at = from; at < pack.length; at++) {
      if (isFull()) return at;
      const located = pack[at]!;
      const { event, ref } = located;
      const matches = ruleset.match(view.load(event));
      if (matches.length === 0) continue;
      buffer.of(event.time, eventHash(event.dataset, event.id), ref);
      for (const match of matches) {
        matched[match.matcher]! += 1;
        if (!observers.observe(match, view, buffer)) single(match, located);
      }
    }
    return pack.length;
  };
}

const now = (): number => performance.now();
