/**
 * Sorts a batch's appends into script calls: one partition each, within the bounds of a call, the entries of one log
 * side by side so that the script touches it once.
 *
 *   run   0-1 key u16   2-3 profile u16   4-5 entries u16   6 prolong its life u8   7-10 steps u32   11-14 weight u32
 *        15-20 earliest event time   21-26 newest event time   27-32 arrival u48   33… entries
 *
 * Most logs get one entry of a batch, so nothing is made per log: a run is a number, kept in its target's notes for
 * as long as the batch lasts, and its entries are chained by their numbers.
 */
import { limits } from '../core/limits.ts';
import { weightOf, type LogProfile } from '../core/profile.ts';
import type { Rule } from '../core/rule.ts';
import type { Append, LogTarget } from '../runtime/ports.ts';
import { placeOf } from './keys.ts';
import { profileBytes, sizeOf, writeEntry, writeProfile, writeTime, writeU48 } from './log-codec.ts';

/** ARGV of one call of append.lua, and what its key numbers mean. */
export type AppendCall = {
  readonly partition: number;
  readonly targets: readonly LogTarget[];
  readonly profiles: Buffer;
  readonly runs: Buffer;
  /** By target: the arrival of its last entry, epoch ms. */
  readonly arrivalsMs: readonly number[];
};

const runHeaderBytes = 33;
/** Entries of one run: its count is a u16, and no call may be longer than its bound. */
const runEntriesMax = 4000;
const none = -1;

/** A batch sorted into runs: by run its first and last append and how many they are; by append the next of its run. */
type Runs = {
  readonly appends: readonly Append[];
  readonly next: Int32Array;
  readonly first: Int32Array;
  readonly last: Int32Array;
  readonly size: Int32Array;
  count: number;
};

/** Batches of this process are numbered, so that a target's note of its run can be told from an older one. */
let batches = 0;

export function planAppends(appends: readonly Append[], profileOf: (rule: Rule) => LogProfile, partitions: number): AppendCall[] {
  const runs = sort(appends);
  const byPartition: number[][] = Array.from({ length: partitions }, () => []);
  for (let run = 0; run < runs.count; run++) byPartition[placeOf(targetOf(runs, run), partitions).partition]!.push(run);
  const calls: AppendCall[] = [];
  byPartition.forEach((some, partition) => {
    for (const part of bounded(runs, some, profileOf)) calls.push(encodeCall(runs, part, partition, profileOf));
  });
  return calls;
}

const targetOf = ({ appends, first }: Runs, run: number): LogTarget => appends[first[run]!]!.target;

/** Entries of the same target in order of arrival. Another object for the same log makes another run, which is as good. */
function sort(appends: readonly Append[]): Runs {
  const table = (): Int32Array => new Int32Array(appends.length);
  const runs: Runs = { appends, next: table(), first: table(), last: table(), size: table(), count: 0 };
  const batch = ++batches;
  appends.forEach(({ target: { notes } }, i) => {
    runs.next[i] = none;
    if (notes.batch !== batch || runs.size[notes.run]! >= runEntriesMax) {
      notes.batch = batch;
      notes.run = runs.count++;
      runs.first[notes.run] = i;
    } else runs.next[runs.last[notes.run]!] = i;
    runs.last[notes.run] = i;
    runs.size[notes.run]! += 1;
  });
  return runs;
}

/** Cuts the runs of a partition where a call would have too many keys or bytes. */
function bounded(runs: Runs, some: readonly number[], profileOf: (rule: Rule) => LogProfile): number[][] {
  const parts: number[][] = [];
  let part: number[] = [];
  let bytes = 0;
  for (const run of some) {
    const size = runHeaderBytes + runs.size[run]! * sizeOf(profileOf(targetOf(runs, run).rule));
    if (part.length > 0 && (bytes + size > limits.scriptBytesMax || part.length >= limits.scriptKeysMax - 1)) {
      parts.push(part);
      part = [];
      bytes = 0;
    }
    part.push(run);
    bytes += size;
  }
  if (part.length > 0) parts.push(part);
  return parts;
}

function encodeCall(runs: Runs, some: readonly number[], partition: number, profileOf: (rule: Rule) => LogProfile): AppendCall {
  const numbers = new Map<LogProfile, number>();
  const targets = some.map((run) => targetOf(runs, run));
  let bytes = 0;
  some.forEach((run, key) => {
    const profile = profileOf(targets[key]!.rule);
    if (!numbers.has(profile)) numbers.set(profile, numbers.size);
    bytes += runHeaderBytes + runs.size[run]! * sizeOf(profile);
  });
  const profiles = Buffer.alloc(numbers.size * profileBytes);
  for (const [profile, number] of numbers) writeProfile(profiles, number * profileBytes, profile);

  const blob = Buffer.allocUnsafe(bytes);
  let at = 0;
  some.forEach((run, key) => {
    const profile = profileOf(targets[key]!.rule);
    blob.writeUInt16BE(key, at);
    blob.writeUInt16BE(numbers.get(profile)!, at + 2);
    at = writeRun(blob, at, runs, run, profile);
  });
  const arrivalsMs = some.map((run) => runs.appends[runs.last[run]!]!.entry.ref.ms);
  return { partition, targets, profiles, runs: blob, arrivalsMs };
}

/** Everything of a run but its key and profile numbers; returns the offset behind it. */
function writeRun(blob: Buffer, at: number, runs: Runs, run: number, profile: LogProfile): number {
  let steps = 0;
  let weight = 0;
  let earliest = Infinity;
  let newest = -Infinity;
  let end = at + runHeaderBytes;
  for (let i = runs.first[run]!; i !== none; i = runs.next[i]!) {
    const { entry } = runs.appends[i]!;
    end = writeEntry(blob, end, entry, profile);
    steps |= 1 << entry.step;
    if (profile.unit > 0) weight += weightOf(entry.value, profile.unit);
    if (entry.time < earliest) earliest = entry.time;
    if (entry.time > newest) newest = entry.time;
  }
  const last = runs.appends[runs.last[run]!]!;
  const arrivalMs = last.entry.ref.ms;
  blob.writeUInt16BE(runs.size[run]!, at + 4);
  blob[at + 6] = needsNewLife(last.target, arrivalMs, profile) ? 1 : 0;
  blob.writeInt32BE(steps, at + 7);
  blob.writeUInt32BE(Math.min(weight, 0xffffffff), at + 11);
  writeTime(blob, earliest, at + 15);
  writeTime(blob, newest, at + 21);
  writeU48(blob, arrivalMs, at + 27);
  return end;
}

/** A log's life is counted anew when an eighth of it is over, as far as this process knows; a further time does no harm. */
function needsNewLife({ notes }: LogTarget, arrivalMs: number, { lifeMs }: LogProfile): boolean {
  if (arrivalMs - notes.prolongedMs < lifeMs / 8) return false;
  notes.prolongedMs = arrivalMs;
  return true;
}
