/**
 * Plays the matched blocks into a replay session, in the order of the file. This moves the clock, appends to logs and
 * fires alerts, as if the events had been matched one by one.
 */
import type { Event, EventRef } from '../core/event.ts';
import { limits } from '../core/limits.ts';
import { logTarget, type LogTarget } from '../core/correlate/target.ts';
import type { Rule, RuleSet } from '../core/rule.ts';
import { matchersOf } from '../compile/index.ts';
import { observersOf } from '../runtime/correlate/observers.ts';
import type { ReplaySession } from '../runtime/pipeline/replay-session.ts';
import type { EventReader } from './event-reader.ts';
import type { Item } from '../runtime/ingest/item.ts';
import { itemsOfBlock } from './items.ts';
import type { Block } from './blocks.ts';
import { kinds, noTarget, type MatchedSet } from './matched-block.ts';

/** `release`: called when this player no longer needs the bytes. */
export type PlayedBlock = Omit<Block, 'lineEnds'>;

export type Player = {
  /** @param thread the thread that numbered the block's targets */
  play(block: PlayedBlock, set: MatchedSet, thread: number): Promise<void>;
};

export function player(ruleset: RuleSet, session: ReplaySession, reader: EventReader): Player {
  const matchers = matchersOf(ruleset.rules);
  const { effective } = observersOf(ruleset);
  /** For each matcher: true if the values of its entries are hashes. */
  const hashed = matchers.map(({ rule }) => carriesHashes(effective(rule)));
  const known = new Map<string, LogTarget>();
  const targetsOfThread: LogTarget[][] = [];

  /** The same target object for all threads. */
  function targetOf(matcher: number, group: readonly string[], groupHash: string): LogTarget {
    const rule = effective(matchers[matcher]!.rule);
    const name = `${rule.shape}${groupHash}`;
    let target = known.get(name);
    if (target === undefined) {
      if (known.size >= limits.targetsKeptMax) known.clear();
      known.set(name, (target = logTarget(rule, group, groupHash)));
    }
    return target;
  }

  function targetsOf(set: MatchedSet, thread: number): LogTarget[] {
    if (set.anew) targetsOfThread[thread] = [];
    const targets = (targetsOfThread[thread] ??= []);
    for (const { matcher, group, groupHash } of set.targets) targets.push(targetOf(matcher, group, groupHash));
    return targets;
  }

  return {
    async play(block, set, thread) {
      const targets = targetsOf(set, thread);
      const lines = blockLines(block, set);
      const ids = set.ids;
      const hashes = new Uint8Array(set.value.buffer);
      const eventOf = (line: number, ms: number): Event => reader.again(lines.at(line), ms);
      const batch = await session.open({ lines: set.kinds.length, event: eventOf, gone: lines.release });
      let observation = 0;
      let fault = 0;
      for (let line = 0; line < set.kinds.length; line++) {
        const kind = set.kinds[line];
        if (kind === kinds.bad) reader.reject(lines.at(line), set.faults[fault++]!);
        else if (kind === kinds.deferred) {
          const event = reader.read(lines.at(line), session.clock());
          // Its time came from the clock, so it cannot be read again later: the reference carries the event.
          if (event !== undefined) batch.match({ event, ref: { ...batch.arrive(event.time, line), event } as EventRef });
        } else {
          const time = set.times[line]!;
          const ref = batch.arrive(time, line);
          if (set.line[observation] !== line) continue;
          batch.buffer.of(time, eightOf(ids, line), ref);
          for (; set.line[observation] === line; observation++) {
            const matcher = matchers[set.matcher[observation]!]!;
            const target = set.target[observation]!;
            if (target === noTarget) batch.single(matcher, { event: eventOf(line, ref.ms), ref });
            else {
              const value = hashed[matcher.matcher] ? eightOf(hashes, observation) : set.value[observation]!;
              batch.buffer.add(targets[target]!, matcher.step, set.index[observation]!, value);
            }
          }
        }
      }
      await batch.close();
      lines.keepObserved();
    },
  };
}

const carriesHashes = ({ correlation }: Rule): boolean => correlation?.kind.values(correlation).carried === 'hash';

/** A hash: eight bytes as latin1 characters. Done by hand, since there is one per event and a call into Node takes longer. */
function eightOf(bytes: Uint8Array, n: number): string {
  const at = 8 * n;
  return String.fromCharCode(
    bytes[at]!,
    bytes[at + 1]!,
    bytes[at + 2]!,
    bytes[at + 3]!,
    bytes[at + 4]!,
    bytes[at + 5]!,
    bytes[at + 6]!,
    bytes[at + 7]!,
  );
}

/** If only few lines of a block were observed, only they are kept as evidence, so that a rare match does not keep its whole block in memory. */
const sparse = 4;

/** The lines of a block, split when the first one is requested. */
function blockLines(block: PlayedBlock, set: MatchedSet): { at(line: number): Item; keepObserved(): void; release(): void } {
  let all: readonly Item[] | undefined;
  let bytes: Block['bytes'] | undefined = block.bytes;
  const release = (): void => {
    if (bytes === undefined) return;
    bytes = undefined;
    block.release();
  };
  let observed: ReadonlyMap<number, Item> | undefined;
  const read = (): readonly Item[] => (all ??= [...itemsOfBlock({ ...block, bytes: bytes! })].flat());
  return {
    at: (line) => observed?.get(line) ?? read()[line]!,
    keepObserved() {
      if (bytes === undefined) return;
      if (sparse * set.line.length < set.kinds.length) {
        // This copies, because a slice of a string keeps the whole string alive.
        const copy = (line: number): Item => ({ ...read()[line]!, text: Buffer.from(read()[line]!.text).toString() });
        observed = new Map(set.line.length === 0 ? [] : [...new Set(set.line)].map((line) => [line, copy(line)]));
        release();
      }
      all = undefined;
    },
    release,
  };
}
