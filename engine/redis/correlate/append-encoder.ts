/**
 * Encodes an append buffer as calls of append.lua. Each call is for one partition, within the bounds of a call, and
 * written as bytes in the Redis protocol (RESP): an array of bulk strings.
 *
 *   *n  $7 EVALSHA  $40 <sha>  $k <number of keys>   key, key, …   profiles   runs
 *
 *   run   0-1 profile u16   2-3 entries u16   4 prolong its life u8   5-8 steps u32   9-12 weight u32
 *        13-18 earliest event time   19-24 newest event time   25-30 arrival u48   31… entries
 *
 * The runs are in the order of their keys. When the client library wrote the calls, making a string of each key and
 * measuring its bytes, the keys alone were a tenth of the whole drain.
 */
import { limits } from '../../core/limits.ts';
import type { LogProfile } from '../../core/correlate/log-profile.ts';
import type { LogTarget } from '../../core/correlate/target.ts';
import type { WrittenCall } from '../commands/call.ts';
import { scriptOf } from '../commands/script.ts';
import { noEntry, type RedisAppendBuffer } from './append-buffer.ts';
import { keys } from '../keys.ts';
import { logLayout } from './log-layout.ts';
import { entryBytesMax, sizeOf, writeProfile, writeTime, writeU48 } from './log-codec.ts';

/** One call, and the meaning of the key numbers in its answer. */
export type AppendCall = WrittenCall & {
  readonly targets: readonly LogTarget[];
  /** For each target, the arrival of its last entry, epoch ms. */
  readonly arrivalsMs: readonly number[];
};

const { profileBytes, runHeaderBytes } = logLayout;
/** Upper bound for the head of the command. */
const headBytesMax = 96;

/** The runs of one partition in one call, and the bytes that they and their keys take in it. */
type Part = { readonly partition: number; readonly runs: number[]; bytes: number; keyBytes: number };

/** @param buffer at least one observation */
export function writeCalls(buffer: RedisAppendBuffer, partitions: number): AppendCall[] {
  buffer.arrange();
  const { sha } = scriptOf('append');
  // New logs are counted by the minute of arrival.
  const minute = Math.floor(buffer.arrivalMs[0]! / 60_000);
  return partsOf(buffer, partitions).map((part) => writeCall(buffer, part, sha, minute));
}

/** Groups the runs by partition, and splits groups that have too many keys or bytes for one call. */
function partsOf({ count, partition, length, profiles, targets }: RedisAppendBuffer, partitions: number): Part[] {
  const parts: Part[] = [];
  const open: (Part | undefined)[] = Array.from({ length: partitions });
  for (let run = 0; run < count; run++) {
    const place = partition[run]!;
    const bytes = runHeaderBytes + length[run]! * sizeOf(profiles[run]!);
    let part = open[place];
    if (part === undefined || part.bytes + bytes > limits.scriptBytesMax || part.runs.length >= limits.scriptKeysMax - 1) {
      part = { partition: place, runs: [], bytes: 0, keyBytes: 0 };
      open[place] = part;
      parts.push(part);
    }
    part.runs.push(run);
    part.bytes += bytes;
    part.keyBytes += bulkLength(targets[run]!.key.length);
  }
  return parts;
}

function writeCall(buffer: RedisAppendBuffer, part: Part, sha: string, minute: number): AppendCall {
  const { runs } = part;
  const targets = runs.map((run) => buffer.targets[run]!);
  const newLogs = keys.newLogs(part.partition, minute);
  const numbers = numbersOf(buffer, runs);
  const bound = headBytesMax + 4 * bulkBytes + part.keyBytes + newLogs.length + numbers.size * profileBytes + part.bytes;
  const bytes = Buffer.allocUnsafe(bound);
  let at = writeText(bytes, 0, `*${runs.length + 6}\r\n$7\r\nEVALSHA\r\n$40\r\n${sha}\r\n`);
  at = writeBulk(bytes, at, String(runs.length + 1));
  for (const { key } of targets) at = writeBulk(bytes, at, key);
  at = writeBulk(bytes, at, newLogs);
  at = writeText(bytes, at, `$${numbers.size * profileBytes}\r\n`);
  for (const [profile, number] of numbers) writeProfile(bytes, at + number * profileBytes, profile);
  at = writeText(bytes, at + numbers.size * profileBytes, `\r\n$${part.bytes}\r\n`);
  for (const run of runs) at = writeRun(bytes, at, buffer, run, numbers.get(buffer.profiles[run]!)!);
  at = writeText(bytes, at, '\r\n');
  const arrivalsMs = runs.map((run) => buffer.arrivalMs[run]!);
  return { kind: 'written', script: 'append', key: newLogs, written: bytes.subarray(0, at), targets, arrivalsMs };
}

/** The profiles of a call, numbered. */
function numbersOf({ profiles }: RedisAppendBuffer, runs: readonly number[]): Map<LogProfile, number> {
  const numbers = new Map<LogProfile, number>();
  for (const run of runs) if (!numbers.has(profiles[run]!)) numbers.set(profiles[run]!, numbers.size);
  return numbers;
}

/** @returns the offset after it */
function writeRun(bytes: Buffer, at: number, buffer: RedisAppendBuffer, run: number, profileNumber: number): number {
  bytes.writeUInt16BE(profileNumber, at);
  bytes.writeUInt16BE(buffer.length[run]!, at + 2);
  bytes[at + 4] = buffer.renew[run]!;
  bytes.writeInt32BE(buffer.steps[run]!, at + 5);
  bytes.writeUInt32BE(Math.min(buffer.weight[run]!, 0xffffffff), at + 9);
  writeTime(bytes, buffer.earliest[run]!, at + 13);
  writeTime(bytes, buffer.newest[run]!, at + 19);
  writeU48(bytes, buffer.arrivalMs[run]!, at + 25);
  const size = sizeOf(buffer.profiles[run]!);
  const { entries, next } = buffer;
  let end = at + runHeaderBytes;
  for (let entry = buffer.first[run]!; entry !== noEntry; entry = next[entry]!) {
    const from = entry * entryBytesMax;
    for (let i = 0; i < size; i++) bytes[end + i] = entries[from + i]!;
    end += size;
  }
  return end;
}

/**
 * Pieces of the Redis protocol (RESP). ASCII only, character by character: one latin1Write() of all keys together takes
 * 220 ns of 3.5 µs an event more. Each function returns the offset after what it wrote.
 */

/** Upper bound for the bytes of a bulk string besides its text. */
const bulkBytes = 16;

function writeText(bytes: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  return at + text.length;
}

/** `$<length>\r\n<text>\r\n` */
function writeBulk(bytes: Uint8Array, at: number, text: string): number {
  const end = writeText(bytes, writeText(bytes, at, `$${text.length}\r\n`), text);
  bytes[end] = 13;
  bytes[end + 1] = 10;
  return end + 2;
}

/** The bytes that writeBulk() writes for a text of that length. */
const bulkLength = (length: number): number => `$${length}\r\n`.length + length + 2;
