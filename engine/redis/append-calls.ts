/**
 * Sorts a batch's appends into script calls: one partition each, within the bounds of a call, the entries of one log
 * side by side so that the script reads and writes it once.
 *
 *   run   0-1 key u16   2-3 profile u16   4-5 entries u16   6 prolong its life u8   7-10 steps u32   11-14 weight u32
 *        15-20 earliest event time   21-26 newest event time   27-32 arrival u48   33… entries
 */
import type { Entry } from '../core/entry.ts';
import { limits } from '../core/limits.ts';
import { weightOf, type LogProfile } from '../core/profile.ts';
import type { Rule } from '../core/rule.ts';
import type { Append, LogTarget } from '../runtime/ports.ts';
import { placeOf } from './keys.ts';
import { profileBytes, sizeOf, writeEntry, writeProfile, writeTime } from './log-codec.ts';

/** ARGV of one call of append.lua, and what its key numbers mean. */
export type AppendCall = {
  readonly partition: number;
  readonly targets: readonly LogTarget[];
  readonly profiles: Buffer;
  readonly runs: Buffer;
  /** By target: the arrival of its last entry, epoch ms. */
  readonly arrivalsMs: readonly number[];
};

type Run = { readonly target: LogTarget; readonly profile: LogProfile; readonly entries: Entry[] };

const runHeaderBytes = 33;
/** Entries of one run: its count is a u16, and no call may be longer than its bound. */
const runEntriesMax = 4000;

export function planAppends(appends: readonly Append[], profileOf: (rule: Rule) => LogProfile, partitions: number): AppendCall[] {
  const byPartition: Run[][] = Array.from({ length: partitions }, () => []);
  for (const run of runsOf(appends, profileOf)) byPartition[placeOf(run.target, partitions).partition]!.push(run);
  const calls: AppendCall[] = [];
  byPartition.forEach((runs, partition) => {
    for (const part of bounded(runs)) calls.push(encodeCall(part, partition));
  });
  return calls;
}

/** Entries of the same log, in order of arrival. Targets are usually the same object for the same log; where not, it has two runs. */
function runsOf(appends: readonly Append[], profileOf: (rule: Rule) => LogProfile): Run[] {
  const open = new Map<LogTarget, Run>();
  const runs: Run[] = [];
  for (const { target, entry } of appends) {
    let run = open.get(target);
    if (run === undefined || run.entries.length >= runEntriesMax) {
      run = { target, profile: profileOf(target.rule), entries: [] };
      open.set(target, run);
      runs.push(run);
    }
    run.entries.push(entry);
  }
  return runs;
}

const runBytes = ({ entries, profile }: Run): number => runHeaderBytes + entries.length * sizeOf(profile);

function bounded(runs: readonly Run[]): Run[][] {
  const parts: Run[][] = [];
  let part: Run[] = [];
  let bytes = 0;
  for (const run of runs) {
    const size = runBytes(run);
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

function encodeCall(runs: readonly Run[], partition: number): AppendCall {
  const numbers = new Map<LogProfile, number>();
  let bytes = 0;
  for (const run of runs) {
    if (!numbers.has(run.profile)) numbers.set(run.profile, numbers.size);
    bytes += runBytes(run);
  }
  const profiles = Buffer.alloc(numbers.size * profileBytes);
  for (const [profile, number] of numbers) writeProfile(profiles, number * profileBytes, profile);

  const blob = Buffer.allocUnsafe(bytes);
  let at = 0;
  runs.forEach((run, key) => {
    at = writeRun(blob, at, run, key, numbers.get(run.profile)!);
  });
  return { partition, targets: runs.map((run) => run.target), profiles, runs: blob, arrivalsMs: runs.map((run) => run.entries.at(-1)!.ref.ms) };
}

function writeRun(blob: Buffer, at: number, { target, entries, profile }: Run, key: number, profileNumber: number): number {
  let steps = 0;
  let weight = 0;
  let earliest = Infinity;
  let newest = -Infinity;
  let end = at + runHeaderBytes;
  for (const entry of entries) {
    end = writeEntry(blob, end, entry, profile);
    steps |= 1 << entry.step;
    if (profile.unit > 0) weight += weightOf(entry.value, profile.unit);
    if (entry.time < earliest) earliest = entry.time;
    if (entry.time > newest) newest = entry.time;
  }
  const arrivalMs = entries.at(-1)!.ref.ms;
  blob.writeUInt16BE(key, at);
  blob.writeUInt16BE(profileNumber, at + 2);
  blob.writeUInt16BE(entries.length, at + 4);
  blob[at + 6] = needsNewLife(target, arrivalMs, profile) ? 1 : 0;
  blob.writeInt32BE(steps, at + 7);
  blob.writeUInt32BE(Math.min(weight, 0xffffffff), at + 11);
  writeTime(blob, earliest, at + 15);
  writeTime(blob, newest, at + 21);
  blob.writeUIntBE(arrivalMs, at + 27, 6);
  return end;
}

/** A log's life is counted anew when an eighth of it is over, as far as this process knows; a further time does no harm. */
function needsNewLife({ notes }: LogTarget, arrivalMs: number, { lifeMs }: LogProfile): boolean {
  if (arrivalMs - notes.prolongedMs < lifeMs / 8) return false;
  notes.prolongedMs = arrivalMs;
  return true;
}
