/**
 * Window logs, alert records and reviews in Redis (the WindowStore port). A batch makes one script call per partition,
 * or several where a call reaches its bounds. All calls for a node go in one pipeline; all keys of a call are in one slot.
 */
import type { AlertRecord } from '../../core/alert/fire.ts';
import { strongHash } from '../../core/util/hash.ts';
import type { LogProfile } from '../../core/correlate/log-profile.ts';
import type { Rule } from '../../core/rule.ts';
import { recountAfterMs } from '../../core/alert/judge.ts';
import {
  recountDue,
  type AppendBuffer,
  type Appended,
  type Commit,
  type Snapshot,
  type WindowStore,
} from '../../runtime/correlate/ports.ts';
import { type LogTarget } from '../../core/correlate/target.ts';
import { writeCalls } from './append-encoder.ts';
import { commandsOn, type RedisNodes } from '../commands.ts';
import { command, inBytes, script } from '../commands/call.ts';
import { RedisAppendBuffer } from './append-buffer.ts';
import { keys, placed } from '../keys.ts';
import { decodeLog, encodeJournal, encodeMissing, encodeOptionalTime, encodeU48, sizeOf } from './log-codec.ts';
import { outboxPairs } from '../forward/outbox.ts';
import { redisReviews, reviewText } from './reviews.ts';

export type WindowStoreOptions = {
  readonly redis: RedisNodes;
  readonly profile: (rule: Rule) => LogProfile;
  readonly partitions: number;
  /** Called with each partition whose outbox has new items. */
  readonly onOutbox: (partition: number) => void;
  /** Called with the time at which a committed review is due, epoch ms. */
  readonly onReview?: (dueMs: number) => void;
};

type Recount = { readonly target: LogTarget; readonly dueMs: number };

/** One answer of append.lua. */
type AppendAnswer = [refused: number, muted: number[], ...logs: (number | Buffer)[]];

export function redisWindowStore(options: WindowStoreOptions): WindowStore {
  const { profile, partitions } = options;
  const redis = commandsOn(options.redis);

  const partition = (target: LogTarget): number => placed(target, partitions).partition;
  const logKey = (target: LogTarget): string => placed(target, partitions).key;
  const recordKey = (target: LogTarget): string => keys.record(partition(target), ruleKey(target.rule), target.groupHash);

  /** Used buffers, whose columns are large enough for a batch: zeroing the memory of new ones took a tenth of the drain. */
  const used: RedisAppendBuffer[] = [];
  const openAppend = (): AppendBuffer => used.pop()?.reuse() ?? new RedisAppendBuffer(profile, partitions, append);

  async function append(buffer: RedisAppendBuffer): Promise<Appended> {
    if (buffer.size === 0) return { snapshots: [], refused: 0 };
    const calls = writeCalls(buffer, partitions);
    used.push(buffer);
    const answers = await redis.send<AppendAnswer>(calls);
    let refused = 0;
    const snapshots: Snapshot[] = [];
    const recounts: Recount[] = [];
    answers.forEach((answer, i) => {
      const { targets, arrivalsMs } = calls[i]!;
      refused += answer[0];
      const muted = answer[1];
      for (let at = 0; at < muted.length; at += 2) {
        const index = muted[at]!;
        recounts.push({ target: targets[index]!, dueMs: arrivalsMs[index]! + recountAfterMs(muted[at + 1]!) });
      }
      for (let at = 2; at < answer.length; at += 2) snapshots.push(snapshot(targets[answer[at] as number]!, answer[at + 1] as Buffer));
    });
    await recount(recounts);
    return { snapshots, refused };
  }

  /** Suppressed logs that got entries are evaluated again a moment later, to update the numbers of their alert. */
  async function recount(recounts: readonly Recount[]): Promise<void> {
    if (recounts.length === 0) return;
    await redis.send(
      recounts.map(({ target, dueMs }) => command('zadd', keys.reviews(partition(target)), 'LT', dueMs, reviewMember(target))),
    );
  }

  function snapshot(target: LogTarget, bytes: Buffer): Snapshot {
    const log = decodeLog(bytes, profile(target.rule));
    const { generation, journal, cut, capped } = log;
    return { target, version: { generation, length: journal.length }, journal, cut, capped };
  }

  async function read(targets: readonly LogTarget[]): Promise<Snapshot[]> {
    const logs = await redis.send<Buffer | null>(targets.map((target) => inBytes(command('get', logKey(target)))));
    return logs.map((bytes, i) => (bytes === null ? emptySnapshot(targets[i]!) : snapshot(targets[i]!, bytes)));
  }

  async function records(targets: readonly LogTarget[]): Promise<AlertRecord[]> {
    return (await redis.send<string | null>(targets.map((target) => command('get', recordKey(target))))).map(decodeRecord);
  }

  async function commit(commits: readonly Commit[]): Promise<('done' | 'stale')[]> {
    const calls = commits.map((one) => {
      const p = partition(one.target);
      const names = [logKey(one.target), recordKey(one.target), keys.reviews(p), keys.outbox(p), keys.partitionStats(p)];
      return script('commit', names, commitArguments(one, profile(one.target.rule)));
    });
    const answers = await redis.send<number>(calls);
    answers.forEach((done, i) => {
      const { alerts, updates, target, reviewAt } = commits[i]!;
      if (done === 1 && alerts.length + updates.length > 0) options.onOutbox(partition(target));
      if (done === 1 && reviewAt !== undefined) options.onReview?.(reviewAt);
    });
    return answers.map((done) => (done === 1 ? 'done' : 'stale'));
  }

  return { openAppend, read, records, commit, ...redisReviews(redis, partitions) };
}

/** Alert records are keyed by the rule's id alone, so alerts and suppression outlive an edit of its conditions. */
const ruleKey = (rule: Rule): string => strongHash(rule.id, 11);

const emptySnapshot = (target: LogTarget): Snapshot => ({
  target,
  version: { generation: 0, length: 0 },
  journal: [],
  cut: 0,
  capped: false,
});

const reviewMember = ({ rule, group, groupHash }: LogTarget): string => reviewText({ shape: rule.shape, group, groupHash });

/** `<version>|<marks as JSON>` */
function decodeRecord(text: string | null): AlertRecord {
  if (text === null) return { version: 0, marks: [] };
  const bar = text.indexOf('|');
  return { version: Number(text.slice(0, bar)), marks: JSON.parse(text.slice(bar + 1)) as AlertRecord['marks'] };
}

function commitArguments(commit: Commit, profile: LogProfile): (string | Buffer | number)[] {
  const { judged, marks, journal } = commit;
  return [
    encodeU48(judged.generation),
    judged.length,
    commit.recordVersion ?? '',
    marks === undefined ? '' : `${(commit.recordVersion ?? 0) + 1}|${JSON.stringify(marks)}`,
    profile.lifeMs + profile.suppressMs,
    sizeOf(profile),
    commit.slack,
    encodeOptionalTime(commit.muted?.to ?? 0),
    encodeOptionalTime(commit.muted?.from ?? 0),
    journal === undefined ? '-' : encodeJournal(journal, profile),
    encodeMissing(journal ?? commit.judgedJournal, profile),
    encodeOptionalTime(commit.cut),
    commit.cutByCap ? 'C' : 'W',
    profile.lifeMs,
    commit.reviewAt ?? '',
    reviewMember(commit.target),
    commit.alerts.length,
    commit.mutedWindows,
    commit.capped,
    profile.unit > 0 ? 1 : 0,
    recountDue(commit) ?? '',
    ...outboxPairs(commit.alerts, commit.updates),
  ];
}
