/** Records the observations of one block in columns (matched-block.ts), and numbers their groups. */
import { doubled } from '../core/util/columns.ts';
import { limits } from '../core/limits.ts';
import type { BoundsTold } from '../core/correlate/target.ts';
import { newNumbering, type LogTarget } from '../core/correlate/target.ts';
import { type Observations } from '../core/correlate/observe.ts';
import type { Matcher } from '../core/rule.ts';
import { kinds, noTarget, type MatchedSet, type NamedTarget } from './matched-block.ts';

export class Recorder implements Observations, BoundsTold {
  #numbering = newNumbering();
  #named = 0;
  #anew = false;
  #targets: NamedTarget[] = [];
  #cuts = { groups: 0, values: 0 };

  #kinds = new Uint8Array(0);
  #times = new Float64Array(0);
  #ids = new Uint8Array(0);
  #faults: string[] = [];
  #at = 0;
  #matcher = 0;

  #size = 0;
  #line = new Uint32Array(2048);
  #matchers = new Uint32Array(2048);
  #target = new Uint32Array(2048);
  #index = new Uint16Array(2048);
  #value = new Float64Array(2048);
  #hashes = new Uint8Array(this.#value.buffer);

  /** Starts a block of about that many lines. */
  begin(lines: number): void {
    this.#kinds = new Uint8Array(lines);
    this.#times = new Float64Array(lines);
    this.#ids = new Uint8Array(8 * lines);
    this.#faults = [];
    this.#targets = [];
    this.#cuts = { groups: 0, values: 0 };
    this.#size = 0;
    this.#anew = this.#named > limits.targetsKeptMax;
    if (!this.#anew) return;
    this.#numbering = newNumbering();
    this.#named = 0;
  }

  /** Makes room for that many lines: in some formats one line has several events. */
  reserve(lines: number): void {
    while (this.#kinds.length < lines) {
      this.#kinds = doubled(this.#kinds);
      this.#times = doubled(this.#times);
      this.#ids = doubled(this.#ids);
    }
  }

  bad(line: number, because: string): void {
    this.#kinds[line] = kinds.bad;
    this.#faults.push(because);
  }

  deferred(line: number): void {
    this.#kinds[line] = kinds.deferred;
  }

  event(line: number, time: number): void {
    this.#at = line;
    this.#times[line] = time;
  }

  of(_time: number, id: string): void {
    for (let i = 0; i < 8; i++) this.#ids[8 * this.#at + i] = id.charCodeAt(i);
  }

  /** The match from which the next observations come. */
  from({ matcher }: Matcher): void {
    this.#matcher = matcher;
  }

  cut(what: 'groups' | 'values'): void {
    this.#cuts[what] += 1;
  }

  /** What a thread forgets is computed again: no alert depends on it. */
  forgotten(): void {}

  single(): void {
    this.#push(noTarget, 0);
  }

  add(target: LogTarget, _step: number, index: number, value: number | string): void {
    if (target.numbering !== this.#numbering) this.#name(target);
    const n = this.#push(target.number, index);
    if (typeof value === 'number') this.#value[n] = value;
    else for (let i = 0; i < 8; i++) this.#hashes[8 * n + i] = value.charCodeAt(i);
  }

  /** Returns what was recorded since begin(). @param lines the number of lines */
  finish(lines: number): MatchedSet {
    return {
      kinds: this.#kinds.subarray(0, lines),
      times: this.#times,
      ids: this.#ids,
      faults: this.#faults,
      line: this.#line.slice(0, this.#size),
      matcher: this.#matchers.slice(0, this.#size),
      target: this.#target.slice(0, this.#size),
      index: this.#index.slice(0, this.#size),
      value: this.#value.slice(0, this.#size),
      anew: this.#anew,
      cuts: this.#cuts,
      targets: this.#targets,
    };
  }

  #name(target: LogTarget): void {
    target.numbering = this.#numbering;
    target.number = this.#named++;
    this.#targets.push({ matcher: this.#matcher, group: target.group, groupHash: target.groupHash });
  }

  #push(target: number, index: number): number {
    const n = this.#size++;
    if (n === this.#line.length) this.#grow();
    this.#line[n] = this.#at;
    this.#matchers[n] = this.#matcher;
    this.#target[n] = target;
    this.#index[n] = index;
    return n;
  }

  #grow(): void {
    this.#line = doubled(this.#line);
    this.#matchers = doubled(this.#matchers);
    this.#target = doubled(this.#target);
    this.#index = doubled(this.#index);
    this.#value = doubled(this.#value);
    this.#hashes = new Uint8Array(this.#value.buffer);
  }
}
