/** The window logs of one process, by target: looks them up, opens them within the rule's budget, and drops them when their life is over. */
import { limits } from '../../core/limits.ts';
import { newNumbering } from '../../core/correlate/target.ts';
import type { LogProfile } from '../../core/correlate/log-profile.ts';
import type { Rule } from '../../core/rule.ts';
import type { LogTarget } from '../../core/correlate/target.ts';
import { none, type EntryArena } from './entry-arena.ts';
import { openWindowLog, type Log } from './log.ts';

/** Minimum number of logs that one sweep checks, plus two for each log opened since the last sweep. */
const sweepMin = 64;

const keyOf = ({ rule, groupHash }: LogTarget): string => `${rule.shape}${groupHash}`;

export class Logs {
  readonly #arena: EntryArena;
  readonly #profileOf: (rule: Rule) => LogProfile;
  readonly #logs = new Map<string, Log>();
  #sweeping = this.#logs.entries();
  /** Logs by the number of their target. */
  #met: Log[] = [];
  #numbering = newNumbering();
  /** Logs opened in the current minute, by shape. */
  readonly #opened = new Map<string, number>();
  #openedMinute = -1;
  #openedSinceSweep = 0;

  constructor(arena: EntryArena, profileOf: (rule: Rule) => LogProfile) {
    this.#arena = arena;
    this.#profileOf = profileOf;
  }

  /** Finds the log of a target. Most targets are the same object as last time, so their logs are found without building a key, which saves 600 ns of 2 µs an event. */
  of(target: LogTarget): Log | undefined {
    if (target.numbering === this.#numbering) {
      const known = this.#met[target.number]!;
      if (!known.gone) return known;
    }
    const log = this.named(target);
    if (log !== undefined) this.#remember(target, log);
    return log;
  }

  /** The same for a target object that is unlikely to be used again. */
  named(target: LogTarget): Log | undefined {
    return this.#logs.get(keyOf(target));
  }

  /** Opens a log. Undefined when the rule's budget of new logs for this minute is spent. */
  open(target: LogTarget, arrivalMs: number): Log | undefined {
    const profile = this.#profileOf(target.rule);
    if (!this.#mayOpen(profile, target.rule, arrivalMs)) return undefined;
    const log = openWindowLog(profile, arrivalMs);
    this.#logs.set(keyOf(target), log);
    this.#openedSinceSweep += 1;
    this.#remember(target, log);
    return log;
  }

  get size(): number {
    return this.#logs.size;
  }

  letGo(target: LogTarget, log: Log): void {
    this.#drop(keyOf(target), log);
  }

  /** Drops logs that have received nothing for as long as Redis would keep them. Each call checks some of them, in turn. */
  sweep(arrivalMs: number): void {
    const most = sweepMin + 2 * this.#openedSinceSweep;
    this.#openedSinceSweep = 0;
    for (let n = 0; n < most; n++) {
      const next = this.#sweeping.next();
      if (next.done === true) {
        this.#sweeping = this.#logs.entries();
        return;
      }
      const [key, log] = next.value;
      if (!log.pending && log.touchedMs + log.profile.lifeMs < arrivalMs) this.#drop(key, log);
    }
  }

  #drop(key: string, log: Log): void {
    this.#logs.delete(key);
    log.gone = true;
    this.#arena.freeChain(log.last);
    log.last = none;
    log.count = 0;
  }

  #remember(target: LogTarget, log: Log): void {
    if (this.#met.length >= limits.targetsKeptMax) {
      this.#met = [];
      this.#numbering = newNumbering();
    }
    target.numbering = this.#numbering;
    target.number = this.#met.push(log) - 1;
  }

  #mayOpen(profile: LogProfile, rule: Rule, arrivalMs: number): boolean {
    const minute = Math.floor(arrivalMs / 60_000);
    if (minute !== this.#openedMinute) {
      this.#opened.clear();
      this.#openedMinute = minute;
    }
    const count = (this.#opened.get(rule.shape) ?? 0) + 1;
    this.#opened.set(rule.shape, count);
    return count <= profile.newLogsMax * limits.partitions;
  }
}
