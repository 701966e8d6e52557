/**
 * LogTarget names the window log of one rule and group. TargetCache keeps the targets and value hashes that a process
 * has seen, so that a repeated group or value costs a look-up instead of a hash. The cache is bounded, and nothing
 * depends on it: what it forgets is computed again.
 */
import { keyText } from './group.ts';
import { strongHash, tupleText, valueHash } from '../util/hash.ts';
import type { LogProfile } from './log-profile.ts';
import { limits } from '../limits.ts';
import type { Rule } from '../rule.ts';

/**
 * The window log of one rule and group. The first three fields never change. Stores keep what they derive from a target
 * in the fields below, each with one writer. (In an object of their own these fields cost one more memory access for
 * each observation; in a WeakMap, a tenth of the whole drain.)
 */
export type LogTarget = {
  readonly rule: Rule;
  /** Normalised group values, in the order of the correlation's group-by. */
  readonly group: readonly string[];
  /** Hash of the group tuple. It is part of the keys of log and record, and chooses the partition. */
  readonly groupHash: string;
  /** The log's key in Redis and its partition; '' and -1 until placed. Writer: placed() in redis/keys.ts. */
  key: string;
  partition: number;
  /** What the rule needs of its logs; undefined until first used. Writer: redis/correlate/append-buffer.ts. */
  profile: LogProfile | undefined;
  /** Arrival time at which this process last extended the log's expiry, epoch ms. Writer: redis/correlate/append-buffer.ts. */
  extendedMs: number;
  /**
   * The number of the target, given by its last owner. Only the owner of `numbering` (newNumbering) may use `number`:
   * append buffers, memory's logs and replay's recorder number targets to find them without a map.
   * Writers: those three, each under its own numbering.
   */
  numbering: number;
  number: number;
};

let numberings = 0;

/** A token for one owner of numbers: a target that carries it has been numbered by that owner. */
export const newNumbering = (): number => ++numberings;

/** @param group normalised values */
export const logTarget = (rule: Rule, group: readonly string[], groupHash: string = groupHashOf(group)): LogTarget => ({
  rule,
  group,
  groupHash,
  key: '',
  partition: -1,
  profile: undefined,
  extendedMs: -Infinity,
  numbering: 0,
  number: 0,
});

/** Characters of a group hash: 96 bits in base64url. */
const groupHashLength = 16;

/** The text that identifies a group: equal only for equal tuples. Length-prefixed if there are several values. */
export const groupText = (group: readonly string[]): string => (group.length === 1 ? group[0]! : tupleText(group));

export const groupHashOf = (group: readonly string[]): string => strongHash(`${group.length}${groupText(group)}`, groupHashLength);

/** Gets reports of bounds: when one limits what an event adds to logs, and how much one makes the process forget. */
export type BoundsTold = { cut(what: 'groups' | 'values'): void; forgotten(what: 'targets' | 'values', count: number): void };

const nobody: BoundsTold = { cut() {}, forgotten() {} };

export class TargetCache {
  readonly told: BoundsTold;
  /**
   * Targets already made, by rule and by the value or tuple that names the group: the same group gives the same object, so
   * that a store distinguishes logs without making a text.
   */
  readonly #targets = new Map<Rule, Map<string, LogTarget>>();
  #kept = 0;
  readonly #hashes = new Map<string, string>();

  constructor(told: BoundsTold = nobody) {
    this.told = told;
  }

  /** The rule's targets by name. The map is always the same object, so that an observer can keep it. */
  targetsOf(rule: Rule): Map<string, LogTarget> {
    let known = this.#targets.get(rule);
    if (known === undefined) this.#targets.set(rule, (known = new Map()));
    return known;
  }

  keep(rule: Rule, name: string, target: LogTarget): LogTarget {
    if (this.#kept === limits.targetsKeptMax) {
      this.told.forgotten('targets', this.#kept);
      for (const known of this.#targets.values()) known.clear();
      this.#kept = 0;
    }
    this.#kept += 1;
    this.targetsOf(rule).set(name, target);
    return target;
  }

  /** @param text a normalised value */
  hashOf(text: string): string {
    return this.#hashes.get(text) ?? this.#remember(text, valueHash(text));
  }

  /** The same for a value as it came: it is normalised only the first time. */
  hashOfRaw(value: string): string {
    return this.#hashes.get(value) ?? this.#remember(value, valueHash(keyText(value) ?? value));
  }

  #remember(text: string, hash: string): string {
    if (this.#hashes.size === limits.valueHashesKeptMax) {
      this.told.forgotten('values', this.#hashes.size);
      this.#hashes.clear();
    }
    this.#hashes.set(text, hash);
    return hash;
  }
}
