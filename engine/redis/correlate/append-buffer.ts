/**
 * The observations of one batch, as bytes in columns: first by entry, in order of arrival; then, before they are sent,
 * by run. A run is the entries of one log.
 *
 *   entries   [27 or 35 bytes, as in the log]…     target, time, number, next entry of its run
 *   runs      target, profile, partition, first, last, length, steps, weight, earliest, newest, arrival, new life
 *
 * Three updates per event make some hundred thousand entries a second, for thousands of logs whose objects are scattered
 * over memory, and parsing evicts them from the caches in between. So most of the time is spent waiting for memory.
 * Therefore no object is made for an entry or a run, and scattered objects are accessed in separate loops that do nothing
 * else, short enough for the processor to wait for several accesses at once. (With objects, sorted and written one by
 * one, this was a third of the drain.)
 */
import { doubled } from '../../core/util/columns.ts';
import type { EventRef } from '../../core/event.ts';
import { newNumbering, type LogTarget } from '../../core/correlate/target.ts';
import { weightOf, type LogProfile } from '../../core/correlate/log-profile.ts';
import type { Rule } from '../../core/rule.ts';
import type { Appended, AppendBuffer } from '../../runtime/correlate/ports.ts';
import { placed } from '../keys.ts';
import { entryBytesMax, setSlot, setValue, stepOf, writeCommon } from './log-codec.ts';

/** Maximum entries of one run: its count is a u16, and no call may exceed the bound of a call. */
const runEntriesMax = 4000;
export const noEntry = -1;

export class RedisAppendBuffer implements AppendBuffer {
  readonly #profileOf: (rule: Rule) => LogProfile;
  readonly #partitions: number;
  readonly #send: (buffer: RedisAppendBuffer) => Promise<Appended>;
  #numbering = newNumbering();
  /** The part that all entries of the current event share. */
  readonly #common = new Uint8Array(entryBytesMax);
  #time = 0;
  #arrivalMs = 0;

  /** Entries. Each takes entryBytesMax in `entries`, however much of it is used. */
  size = 0;
  entries = new Uint8Array(1024 * entryBytesMax);
  next = new Int32Array(1024);
  readonly #targets: LogTarget[] = [];
  #times = new Float64Array(1024);
  #arrivals = new Float64Array(1024);
  #numbers = new Float64Array(1024);

  /** Runs. */
  count = 0;
  readonly targets: LogTarget[] = [];
  readonly profiles: LogProfile[] = [];
  first = new Int32Array(512);
  length = new Int32Array(512);
  steps = new Int32Array(512);
  partition = new Int32Array(512);
  weight = new Float64Array(512);
  earliest = new Float64Array(512);
  newest = new Float64Array(512);
  /** Arrival of the run's last entry. */
  arrivalMs = new Float64Array(512);
  /** 1: the log's expiry is extended. */
  renew = new Uint8Array(512);
  #last = new Int32Array(512);

  /** @param send appends the contents of the buffer */
  constructor(profileOf: (rule: Rule) => LogProfile, partitions: number, send: (buffer: RedisAppendBuffer) => Promise<Appended>) {
    this.#profileOf = profileOf;
    this.#partitions = partitions;
    this.#send = send;
  }

  append(): Promise<Appended> {
    return this.#send(this);
  }

  /** Empties the buffer for another batch; its columns keep their size. */
  reuse(): this {
    this.#numbering = newNumbering();
    this.size = 0;
    this.count = 0;
    this.#targets.length = 0;
    this.targets.length = 0;
    this.profiles.length = 0;
    return this;
  }

  of(time: number, id: string, ref: EventRef): void {
    this.#time = time;
    this.#arrivalMs = ref.ms;
    writeCommon(this.#common, 0, time, id, ref);
  }

  add(target: LogTarget, step: number, index: number, value: number | string): void {
    const entry = this.size++;
    if (entry === this.next.length) this.#moreEntries();
    this.#targets.push(target);
    this.#times[entry] = this.#time;
    this.#arrivals[entry] = this.#arrivalMs;
    if (typeof value === 'number') this.#numbers[entry] = value;
    const { entries } = this;
    const at = entry * entryBytesMax;
    entries.set(this.#common, at);
    setSlot(entries, at, step, index, false);
    setValue(entries, at, value);
  }

  /** Groups the entries into runs, in order of arrival. A second object for the same log makes a second run, which is harmless. */
  arrange(): void {
    this.#chain();
    for (let run = 0; run < this.count; run++) {
      const target = placed(this.targets[run]!, this.#partitions);
      this.partition[run] = target.partition;
      this.profiles.push((target.profile ??= this.#profileOf(target.rule)));
    }
    for (let run = 0; run < this.count; run++) this.#sum(run);
  }

  #chain(): void {
    const { next, length } = this;
    for (let entry = 0; entry < this.size; entry++) {
      const target = this.#targets[entry]!;
      next[entry] = noEntry;
      if (target.numbering !== this.#numbering || length[target.number]! >= runEntriesMax) this.#newRun(target, entry);
      else {
        const { number: run } = target;
        next[this.#last[run]!] = entry;
        this.#last[run] = entry;
        this.length[run]! += 1;
      }
    }
  }

  #newRun(target: LogTarget, entry: number): void {
    const run = this.count++;
    if (run === this.first.length) this.#moreRuns();
    target.numbering = this.#numbering;
    target.number = run;
    this.targets.push(target);
    this.first[run] = entry;
    this.#last[run] = entry;
    this.length[run] = 1;
  }

  /** Computes what append.lua needs to know about a run as a whole. */
  #sum(run: number): void {
    const { unit, lifeMs } = this.profiles[run]!;
    let steps = 0;
    let weight = 0;
    let earliest = Infinity;
    let newest = -Infinity;
    for (let entry = this.first[run]!; entry !== noEntry; entry = this.next[entry]!) {
      const time = this.#times[entry]!;
      if (time < earliest) earliest = time;
      if (time > newest) newest = time;
      steps |= 1 << stepOf(this.entries, entry * entryBytesMax);
      if (unit > 0) weight += weightOf(this.#numbers[entry]!, unit);
    }
    const arrivalMs = this.#arrivals[this.#last[run]!]!;
    this.steps[run] = steps;
    this.weight[run] = weight;
    this.earliest[run] = earliest;
    this.newest[run] = newest;
    this.arrivalMs[run] = arrivalMs;
    this.renew[run] = needsNewLife(this.targets[run]!, arrivalMs, lifeMs) ? 1 : 0;
  }

  #moreEntries(): void {
    this.entries = doubled(this.entries);
    this.next = doubled(this.next);
    this.#times = doubled(this.#times);
    this.#arrivals = doubled(this.#arrivals);
    this.#numbers = doubled(this.#numbers);
  }

  #moreRuns(): void {
    this.first = doubled(this.first);
    this.length = doubled(this.length);
    this.steps = doubled(this.steps);
    this.partition = doubled(this.partition);
    this.weight = doubled(this.weight);
    this.earliest = doubled(this.earliest);
    this.newest = doubled(this.newest);
    this.arrivalMs = doubled(this.arrivalMs);
    this.renew = doubled(this.renew);
    this.#last = doubled(this.#last);
  }
}

/** A log's expiry is extended once an eighth of its life is over, as far as this process knows; extending it once more is harmless. */
function needsNewLife(target: LogTarget, arrivalMs: number, lifeMs: number): boolean {
  if ((arrivalMs - target.extendedMs) * 8 < lifeMs) return false;
  target.extendedMs = arrivalMs;
  return true;
}
