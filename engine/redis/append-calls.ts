/**
 * Sorts a batch's appends into script calls: one partition each, within the bounds of a call, the entries of one log
 * side by side so that the script reads and writes its header once.
 */
import { limits } from '../core/limits.ts';
import type { LogProfile } from '../core/profile.ts';
import type { Rule } from '../core/rule.ts';
import type { Append, LogTarget } from '../runtime/ports.ts';
import { partitionOf } from './keys.ts';
import { profileBytes, sizeOf, writeEntry, writeProfile } from './log-codec.ts';

/** ARGV of one call of append.lua, and what its key numbers mean. */
export type AppendCall = {
  readonly partition: number;
  readonly targets: readonly LogTarget[];
  readonly profiles: Buffer;
  readonly runs: Buffer;
  /** Latest arrival among the entries, epoch ms. */
  readonly arrivalMs: number;
};

type Run = { readonly target: LogTarget; readonly profile: LogProfile; readonly appends: Append[] };

const runHeaderBytes = 6;
/** Entries of one run: its count is a u16, and no call may be longer than its bound. */
const runEntriesMax = 4000;

export function planAppends(appends: readonly Append[], profileOf: (rule: Rule) => LogProfile, partitions: number): AppendCall[] {
  const byPartition: Run[][] = [];
  for (const run of runsOf(appends, profileOf)) {
    const partition = partitionOf(run.target.groupHash, partitions);
    (byPartition[partition] ??= []).push(run);
  }
  const calls: AppendCall[] = [];
  byPartition.forEach((runs, partition) => {
    for (const part of bounded(runs)) calls.push(encodeCall(part, partition));
  });
  return calls;
}

/** Entries of the same log, in order of arrival. */
function runsOf(appends: readonly Append[], profileOf: (rule: Rule) => LogProfile): Run[] {
  const open = new Map<Rule, Map<string, Run>>();
  const runs: Run[] = [];
  for (const append of appends) {
    const { rule, groupHash } = append.target;
    let ofRule = open.get(rule);
    if (ofRule === undefined) open.set(rule, (ofRule = new Map()));
    let run = ofRule.get(groupHash);
    if (run === undefined || run.appends.length >= runEntriesMax) {
      run = { target: append.target, profile: profileOf(rule), appends: [] };
      ofRule.set(groupHash, run);
      runs.push(run);
    }
    run.appends.push(append);
  }
  return runs;
}

function bounded(runs: readonly Run[]): Run[][] {
  const parts: Run[][] = [];
  let part: Run[] = [];
  let bytes = 0;
  let logs = new Set<LogTarget>();
  for (const run of runs) {
    const size = runHeaderBytes + run.appends.length * sizeOf(run.profile);
    if (part.length > 0 && (bytes + size > limits.scriptBytesMax || logs.size >= limits.scriptKeysMax - 1)) {
      parts.push(part);
      part = [];
      bytes = 0;
      logs = new Set();
    }
    part.push(run);
    logs.add(run.target);
    bytes += size;
  }
  if (part.length > 0) parts.push(part);
  return parts;
}

function encodeCall(runs: readonly Run[], partition: number): AppendCall {
  const rules = new Map<LogProfile, number>();
  let bytes = 0;
  for (const { profile, appends } of runs) {
    if (!rules.has(profile)) rules.set(profile, rules.size);
    bytes += runHeaderBytes + appends.length * sizeOf(profile);
  }
  const profiles = Buffer.alloc(rules.size * profileBytes);
  for (const [profile, number] of rules) writeProfile(profiles, number * profileBytes, profile);

  const blob = Buffer.allocUnsafe(bytes);
  let at = 0;
  let arrivalMs = 0;
  runs.forEach(({ profile, appends }, key) => {
    blob.writeUInt16BE(key, at);
    blob.writeUInt16BE(rules.get(profile)!, at + 2);
    blob.writeUInt16BE(appends.length, at + 4);
    at += runHeaderBytes;
    for (const { entry } of appends) {
      at = writeEntry(blob, at, entry, profile);
      if (entry.ref.ms > arrivalMs) arrivalMs = entry.ref.ms;
    }
  });
  return { partition, targets: runs.map((run) => run.target), profiles, runs: blob, arrivalMs };
}
