/**
 * Reads and matches the lines of a block: the part of a replay that needs only the rules, so several threads can do it in
 * parallel. The part that depends on all events before, the clock and the window logs, follows in play.ts.
 */
import { eventOf, tagBits } from '../core/ingest/envelope.ts';
import type { JsonObject } from '../core/event.ts';
import { eventHash } from '../core/util/hash.ts';
import { limits } from '../core/limits.ts';
import type { RuleSet } from '../core/rule.ts';
import { observersOf } from '../runtime/correlate/observers.ts';
import { Unreadable, type Item } from '../runtime/ingest/item.ts';
import type { BlockBytes } from './blocks.ts';
import { envelopeOfItem, itemsOfBlock, rejectionText, valueOf } from './items.ts';
import type { MatchedSet, MatchedSets } from './matched-block.ts';
import { Recorder } from './recorder.ts';

export type MatchOptions = {
  /** The dataset of events that name none. */
  readonly dataset: string | undefined;
  /** The wall clock when the replay began, epoch ms: before the first event sets the clock, later times are not believed. */
  readonly nowMs: number;
};

export type BlockMatcher = (block: BlockBytes) => MatchedSets;

export function blockMatcher(rulesets: readonly RuleSet[], options: MatchOptions): BlockMatcher {
  const matchers = rulesets.map((ruleset) => setMatcher(ruleset, options));
  return (block) => {
    let at = 0;
    for (const { begin } of matchers) begin(block.lineEnds + 1);
    for (const lines of itemsOfBlock(block)) {
      for (const { reserve } of matchers) reserve(at + lines.length);
      for (const line of lines) matchLine(at++, line);
    }
    return matchers.map(({ finish }) => finish(at));
  };

  function matchLine(at: number, line: Item): void {
    const value = valueOf(line);
    if (value instanceof Unreadable) for (const { bad } of matchers) bad(at, rejectionText(value.rejection));
    else for (const { match } of matchers) match(at, line, value);
  }
}

const clockNeeded = tagBits.time_inferred | tagBits.time_clamped;

function setMatcher(ruleset: RuleSet, { dataset, nowMs }: MatchOptions) {
  const { datasets } = ruleset;
  const view = ruleset.view();
  const recorder = new Recorder();
  const observers = observersOf(ruleset, recorder);
  // The clock is unknown here. An event whose time depends on it is recognised by its tags, and deferred.
  const context = { datasets, receivedMs: 0, futureMsMax: nowMs + limits.futureMsMax, dataset };

  function match(at: number, line: Item, raw: unknown): void {
    const given = envelopeOfItem(raw, line, context);
    if (given.kind === 'rejected') return recorder.bad(at, rejectionText(given));
    if ((given.tags & clockNeeded) !== 0) return recorder.deferred(at);
    recorder.event(at, given.time);
    const event = eventOf(given, raw as JsonObject, datasets);
    const matches = ruleset.match(view.load(event));
    if (matches.length === 0) return;
    recorder.of(event.time, eventHash(event.dataset, event.id));
    for (const each of matches) {
      recorder.from(each);
      if (!observers.observe(each, view, recorder)) recorder.single();
    }
  }

  return {
    begin: (lines: number): void => recorder.begin(lines),
    reserve: (lines: number): void => recorder.reserve(lines),
    bad: (at: number, because: string): void => recorder.bad(at, because),
    match,
    finish: (lines: number): MatchedSet => recorder.finish(lines),
  };
}
