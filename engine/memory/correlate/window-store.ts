/**
 * Window logs, alert records and reviews on Maps (the WindowStore port), for `replay` and rule tests, where one process
 * sees all events. It decides which logs to return as redis/scripts/append.lua does; the contract suite holds both to
 * the same answers.
 */
import type { Alert, AlertUpdate } from '../../core/alert/alert.ts';
import { doubled } from '../../core/util/columns.ts';
import type { EventRef } from '../../core/event.ts';
import type { AlertRecord } from '../../core/alert/fire.ts';
import { weightOf, type LogProfile } from '../../core/correlate/log-profile.ts';
import { recountAfterMs } from '../../core/alert/judge.ts';
import type { Rule } from '../../core/rule.ts';
import { recountDue, type Commit, type AppendBuffer, type Snapshot, type WindowStore } from '../../runtime/correlate/ports.ts';
import { type LogTarget } from '../../core/correlate/target.ts';
import { EntryArena, type Holder } from './entry-arena.ts';
import { gateOf, journalOf, settleLog, type Log } from './log.ts';
import { Logs } from './logs.ts';
import { ReviewQueue, type ReviewName } from './review-queue.ts';

/** Takes what commits emit: the same two kinds of item that a Redis outbox holds. */
export type OutboxSink = { alert(alert: Alert): void; update(update: AlertUpdate): void };

const quiet: Snapshot[] = [];

/** @param holder notified which events the entries need */
export function memoryWindowStore(profileOf: (rule: Rule) => LogProfile, outbox: OutboxSink, holder?: Holder): WindowStore {
  const arena = new EntryArena(holder);
  const logs = new Logs(arena, profileOf);
  const records = new Map<string, AlertRecord>();
  const reviews = new ReviewQueue();
  let buffers = 0;

  const recordKey = ({ rule, groupHash }: LogTarget): string => `${rule.id}\n${groupHash}`;
  const reviewOf = ({ rule, group, groupHash }: LogTarget): ReviewName => ({ shape: rule.shape, group, groupHash });

  function snapshot(target: LogTarget, log: Log | undefined): Snapshot {
    if (log === undefined) return { target, version: { generation: 0, length: 0 }, journal: [], cut: 0, capped: false };
    const { generation, count, cut, capped } = log;
    return { target, version: { generation, length: count }, journal: journalOf(arena, log), cut, capped };
  }

  function openAppend(): AppendBuffer {
    const mine = ++buffers;
    // Per log that the batch reached. In columns, because objects would survive until after the batch and burden the collector.
    const targets: LogTarget[] = [];
    const reached: Log[] = [];
    let earliest = new Float64Array(256);
    let latest = new Float64Array(256);
    let size = 0;
    let refused = 0;
    let time = 0;
    let id = '';
    let ref!: EventRef;
    let firstMs: number | undefined;
    return {
      get size() {
        return size;
      },
      of(at, hash, place) {
        time = at;
        id = hash;
        ref = place;
        firstMs ??= place.ms;
      },
      add(target, step, index, value) {
        size += 1;
        const log = logs.of(target) ?? logs.open(target, ref.ms);
        if (log === undefined) {
          refused += 1;
          return;
        }
        const { profile } = log;
        log.last = arena.add(log.last, time, id, step, index, value, ref);
        log.count += 1;
        log.touchedMs = ref.ms;
        log.missing &= ~(1 << step);
        if (profile.unit > 0) log.weight += weightOf(value, profile.unit);
        if (log.buffer !== mine) {
          log.buffer = mine;
          log.run = targets.push(target) - 1;
          reached.push(log);
          if (log.run === earliest.length) {
            earliest = doubled(earliest);
            latest = doubled(latest);
          }
          earliest[log.run] = time;
          latest[log.run] = time;
        } else {
          const { run } = log;
          if (time < earliest[run]!) earliest[run] = time;
          if (time > latest[run]!) latest[run] = time;
        }
      },
      async append() {
        const snapshots = reached.flatMap((log, run) => lookedAt(targets[run]!, log, earliest[run]!, latest[run]!));
        // By the arrival of the first event: the logs of this batch are still to be evaluated, and a batch may span more than a log's life.
        if (firstMs !== undefined) logs.sweep(firstMs);
        return { snapshots, refused };
      },
    };
  }

  /** The log, if it must be evaluated now. @param earliest, latest event times of the added entries */
  function lookedAt(target: LogTarget, log: Log, earliest: number, latest: number): Snapshot[] {
    const gate = gateOf(log, earliest, latest);
    if (gate === 'recount') {
      reviews.pull(reviewOf(target), arena.arrivalMs(log.last) + recountAfterMs(log.count));
      log.pending = true;
    }
    return gate === 'judge' ? [snapshot(target, log)] : quiet;
  }

  async function commit(commits: readonly Commit[]): Promise<('done' | 'stale')[]> {
    return commits.map((one) => {
      const { target, judged } = one;
      const record = records.get(recordKey(target));
      const version = record?.version ?? 0;
      const log = logs.named(target);
      const same = log !== undefined && log.generation === judged.generation;
      if (one.recordVersion !== undefined && (version !== one.recordVersion || !same)) return 'stale';
      if (one.marks !== undefined) records.set(recordKey(target), { version: version + 1, marks: one.marks });
      const current = same && log.count === judged.length;
      if (same) settleLog(arena, log, one, current);
      if (log?.count === 0) logs.letGo(target, log);
      const review = reviewOf(target);
      const recountAt = recountDue(one);
      if (!current && one.marks !== undefined && recountAt !== undefined) reviews.pull(review, recountAt);
      if (one.reviewAt === undefined) {
        if (current || log === undefined) reviews.remove(review);
      } else if (current) reviews.set(review, one.reviewAt);
      else reviews.pull(review, one.reviewAt);
      if (log !== undefined) log.pending = !(current && one.reviewAt === undefined);
      for (const alert of one.alerts) outbox.alert(alert);
      for (const update of one.updates) outbox.update(update);
      return 'done';
    });
  }

  return {
    openAppend,
    commit,
    read: async (targets) => targets.map((target) => snapshot(target, logs.named(target))),
    records: async (targets) => targets.map((target) => records.get(recordKey(target)) ?? { version: 0, marks: [] }),
    due: async (clockMs, max, after) => reviews.due(clockMs, max, after),
    dismiss: async (gone) => gone.forEach((review) => reviews.dismiss(review)),
  };
}
