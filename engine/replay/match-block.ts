/**
 * Reads and matches the lines of a block: the part of a replay that needs nothing but the rules, and so can be done by
 * several threads at once. What needs all events before it, the clock and the window logs, comes behind (play.ts).
 */
import { envelope, eventOf, tagBits } from '../core/ingest/envelope.ts';
import type { JsonObject } from '../core/event.ts';
import { eventHash } from '../core/util/hash.ts';
import { limits } from '../core/limits.ts';
import type { RuleSet } from '../core/rule.ts';
import { observersOf } from '../runtime/correlate/observers.ts';
import { idOfLine, unreadable } from './event-reader.ts';
import { type Line, linesOf } from './lines.ts';
import type { BlockBytes } from './blocks.ts';
import type { MatchedSet, MatchedSets } from './matched-block.ts';
import { Recorder } from './recorder.ts';

export type MatchOptions = {
  /** Dataset of events that do not name one. */
  readonly dataset: string | undefined;
  /** The wall clock when the replay began, epoch ms: later times are not believed before the clock has been seen. */
  readonly nowMs: number;
};

export type BlockMatcher = (block: BlockBytes) => MatchedSets;

export function blockMatcher(rulesets: readonly RuleSet[], options: MatchOptions): BlockMatcher {
  const matchers = rulesets.map((ruleset) => setMatcher(ruleset, options));
  return (block) => {
    let at = 0;
    for (const { begin } of matchers) begin(block.lineEnds + 1);
    for (const lines of linesOf(block.bytes, block.firstLine)) for (const line of lines) matchLine(at++, line);
    return matchers.map(({ finish }) => finish(at));
  };

  function matchLine(at: number, line: Line): void {
    const refused = unreadable(line);
    if (refused !== undefined) return refuse(at, refused);
    let value: unknown;
    try {
      value = JSON.parse(line.text);
    } catch (fault) {
      return refuse(at, `invalid-json: ${(fault as Error).message}`);
    }
    for (const { match } of matchers) match(at, line.number, value);
  }

  function refuse(at: number, because: string): void {
    for (const { bad } of matchers) bad(at, because);
  }
}

const clockNeeded = tagBits.time_inferred | tagBits.time_clamped;

function setMatcher(ruleset: RuleSet, { dataset, nowMs }: MatchOptions) {
  const { datasets } = ruleset;
  const view = ruleset.view();
  const recorder = new Recorder();
  const observers = observersOf(ruleset, recorder);
  // The clock is not known here: an event whose time depends on it shows by its tags, and is deferred.
  const context = { datasets, receivedMs: 0, futureMsMax: nowMs + limits.futureMsMax, dataset };

  function match(line: number, number: number, raw: unknown): void {
    const given = envelope(raw, context, () => idOfLine(number));
    if (given.kind === 'rejected') return recorder.bad(line, `${given.code}: ${given.detail}`);
    if ((given.tags & clockNeeded) !== 0) return recorder.deferred(line);
    recorder.event(line, given.time);
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
    begin: (linesMax: number): void => recorder.begin(linesMax),
    bad: (line: number, because: string): void => recorder.bad(line, because),
    match,
    finish: (lines: number): MatchedSet => recorder.finish(lines),
  };
}
