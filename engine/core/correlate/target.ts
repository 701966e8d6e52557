/**
 * What a process remembers of the groups and values that it has observed, so that most of them cost a look and no hash.
 * Nothing depends on it: what is forgotten is worked out again.
 */
import { keyText } from './group.ts';
import { valueHash } from '../util/hash.ts';
import { limits } from '../limits.ts';
import type { LogTarget } from './observe.ts';
import type { Rule } from '../rule.ts';

/** Told what bounds did: that one cut what an event adds to logs, and how much one made the process forget. */
export type BoundsTold = { cut(what: 'groups' | 'values'): void; forgotten(what: 'targets' | 'values', count: number): void };

const nobody: BoundsTold = { cut() {}, forgotten() {} };

export class Known {
  readonly told: BoundsTold;
  /**
   * Targets already made, by rule and by the value or tuple that names the group: the same group gives the same object, so
   * that a store tells logs apart without making a text.
   */
  readonly #targets = new Map<Rule, Map<string, LogTarget>>();
  #kept = 0;
  readonly #hashes = new Map<string, string>();

  constructor(told: BoundsTold = nobody) {
    this.told = told;
  }

  /** The rule's, by name: the same map for ever, so that an observer can hold it. */
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

  /** The same of a value as it came: normalised only when it is seen first. */
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
