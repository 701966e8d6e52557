/**
 * Reads and matches the lines of a block: the part of a replay that needs nothing but the rules, and so can be done by
 * several threads at once. What needs all events before it, the clock and the window logs, comes behind (play.ts).
 */
import { envelope, eventOf, tagBits } from '../../core/envelope.ts';
import type { JsonObject } from '../../core/event.ts';
import { eventHash } from '../../core/hash.ts';
import { limits } from '../../core/limits.ts';
import type { RuleSet } from '../../core/ruleset.ts';
import { observersOf } from '../../runtime/observers.ts';
import { idOfLine, unreadable } from '../read-events.ts';
import { linesOf, valuesOf, type BlockLine, type BlockValue } from './block-values.ts';
import type { Block } from './blocks.ts';
import type { MatchedBlock, MatchedSet } from './matched-block.ts';
import { Recorder } from './recorder.ts';

export type MatchOptions = {
  /** Dataset of events that do not name one. */
  readonly dataset: string | undefined;
  /** The wall clock when the replay began, epoch ms: later times are not believed before the clock has been seen. */
  readonly nowMs: number;
};

export type BlockMatcher = (block: Block) => MatchedBlock;

/** Lines that are parsed together: few enough that their values are still in the processor's cache when they are matched. */
const parsedTogether = 128;

export function blockMatcher(rulesets: readonly RuleSet[], options: MatchOptions): BlockMatcher {
  const matchers = rulesets.map((ruleset) => setMatcher(ruleset, options));
  return (block) => {
    const lines = linesOf(block.bytes, block.firstLine);
    for (const { begin } of matchers) begin(lines.length);
    for (let from = 0; from < lines.length; from += parsedTogether) {
      const some = lines.slice(from, from + parsedTogether);
      const values = valuesWithinBounds(some);
      for (const { match } of matchers) match(some, values, from);
    }
    return { block, sets: matchers.map(({ finish }) => finish()) };
  };
}

function valuesWithinBounds(lines: readonly BlockLine[]): BlockValue[] {
  const refused = lines.map(unreadable);
  const values = valuesOf(lines.filter((_, i) => refused[i] === undefined).map(({ text }) => text));
  let next = 0;
  return refused.map((fault): BlockValue => {
    if (fault !== undefined) return { fault };
    const value = values[next++]!;
    return 'fault' in value ? { fault: `invalid-json: ${value.fault}` } : value;
  });
}

const clockNeeded = tagBits.time_inferred | tagBits.time_clamped;

function setMatcher(ruleset: RuleSet, { dataset, nowMs }: MatchOptions) {
  const { datasets } = ruleset;
  const view = ruleset.view();
  const observers = observersOf(ruleset);
  const recorder = new Recorder();
  // The clock is not known here: an event whose time depends on it shows by its tags, and is deferred.
  const context = { datasets, receivedMs: 0, futureMsMax: nowMs + limits.futureMsMax, dataset };

  function matchLine(line: number, number: number, raw: unknown): void {
    const given = envelope(raw, context, () => idOfLine(number));
    if (given.kind === 'rejected') return recorder.bad(line, `${given.code}: ${given.detail}`);
    if ((given.tags & clockNeeded) !== 0) return recorder.deferred(line);
    recorder.event(line, given.time);
    const event = eventOf(given, raw as JsonObject, datasets);
    const matches = ruleset.match(view.load(event));
    if (matches.length === 0) return;
    recorder.of(event.time, eventHash(event.dataset, event.id));
    for (const match of matches) {
      recorder.from(match);
      const observe = observers.of(match);
      if (observe === undefined) recorder.single();
      else observe(view, recorder);
    }
  }

  return {
    begin: (lines: number): void => recorder.begin(lines),
    /** @param from the place of the first of these lines in the block */
    match(lines: readonly BlockLine[], values: readonly BlockValue[], from: number): void {
      for (let i = 0; i < lines.length; i++) {
        const value = values[i]!;
        if ('fault' in value) recorder.bad(from + i, value.fault);
        else matchLine(from + i, lines[i]!.number, value.value);
      }
    },
    finish: (): MatchedSet => recorder.finish(),
  };
}
