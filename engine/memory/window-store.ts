/**
 * Window logs, alert records and reviews on Maps (the WindowStore port): for `replay` and rule tests, where one
 * process sees all events. The same gates as scripts/append.lua, so that the contract suite holds both to the same
 * answers.
 */
import { arrivedBefore, type Arrival } from '../core/event.ts';
import type { Entry } from '../core/entry.ts';
import type { AlertRecord } from '../core/fire.ts';
import { limits } from '../core/limits.ts';
import { weightOf, weightUnits, type LogProfile } from '../core/profile.ts';
import type { Rule } from '../core/rule.ts';
import type { Alert, AlertUpdate } from '../core/alert.ts';
import type { Append, Appended, Commit, LogTarget, Snapshot, WindowStore } from '../runtime/ports.ts';
import { ReviewQueue, type ReviewName } from './review-queue.ts';

type Log = {
  generation: number;
  journal: Entry[];
  cut: number;
  capped: boolean;
  wake: number;
  tidy: number;
  mutedTo: number;
  steps: number;
  weight: number;
  settled: number;
  newest: number;
  arrivalOfNewest: Arrival;
};

/** What commits put out: the same two kinds that a Redis outbox holds. */
export type OutboxSink = { alert(alert: Alert): void; update(update: AlertUpdate): void };

/** Fewest entries at which a log is tidied. */
const tidyMin = 64;
const never: Arrival = { ms: -Infinity, seq: 0 };

/**
 * @param clockFrom `call`: the clock is what append is given, as with several workers; `arrival`: this process sees
 *   every event in turn, so at each entry all that arrived before it has been worked off
 */
export function memoryWindowStore(
  profileOf: (rule: Rule) => LogProfile,
  outbox: OutboxSink,
  clockFrom: 'call' | 'arrival' = 'call',
): WindowStore {
  const logs = new Map<string, Log>();
  const records = new Map<string, AlertRecord>();
  const reviews = new ReviewQueue();
  const opened = new Map<string, number>();
  let openedMinute = -1;

  const logKey = ({ rule, groupHash }: LogTarget): string => `${rule.shape}${groupHash}`;
  const recordKey = ({ rule, groupHash }: LogTarget): string => `${rule.id}\n${groupHash}`;
  const reviewOf = ({ rule, group, groupHash }: LogTarget): ReviewName => ({ shape: rule.shape, group, groupHash });

  function snapshot(target: LogTarget, log: Log | undefined): Snapshot {
    if (log === undefined) return { target, version: { generation: 0, length: 0 }, journal: [], settled: 0, cut: 0, capped: false };
    const { generation, journal, settled, cut, capped } = log;
    return { target, version: { generation, length: journal.length }, journal: journal.slice(), settled, cut, capped };
  }

  /** True when the rule has budget for one more log this minute. */
  function mayOpen(profile: LogProfile, rule: Rule, arrivalMs: number): boolean {
    const minute = Math.floor(arrivalMs / 60_000);
    if (minute !== openedMinute) {
      opened.clear();
      openedMinute = minute;
    }
    const count = (opened.get(rule.shape) ?? 0) + 1;
    opened.set(rule.shape, count);
    return count <= profile.newLogsMax * limits.partitions;
  }

  async function append(appends: readonly Append[], clock: Arrival): Promise<Appended> {
    let late = 0;
    let refused = 0;
    const settledNow = new Map<Log, number>();
    const touched = new Map<string, { target: LogTarget; profile: LogProfile; log: Log; inOrder: boolean }>();
    for (const { target, entry } of appends) {
      const key = logKey(target);
      const profile = profileOf(target.rule);
      let log = logs.get(key);
      if (log === undefined) {
        if (!mayOpen(profile, target.rule, entry.ref.ms)) {
          refused += 1;
          continue;
        }
        log = openLog(profile, entry);
        logs.set(key, log);
      }
      const settled = clockFrom === 'arrival' ? settledBy(log, entry.ref) : (settledNow.get(log) ?? settledBy(log, clock));
      settledNow.set(log, settled);
      const placed = place(log, entry, profile, settled);
      if (placed === 'late') {
        late += 1;
        continue;
      }
      const known = touched.get(key);
      if (known === undefined) touched.set(key, { target, profile, log, inOrder: placed === 'newest' });
      else if (placed === 'earlier') known.inOrder = false;
    }
    const snapshots: Snapshot[] = [];
    for (const { target, profile, log, inOrder } of touched.values()) {
      const total = log.journal.length;
      const ready = isReady(log, profile);
      if (ready && total < log.tidy && profile.monotone && inOrder && log.newest < log.mutedTo) {
        reviews.pull(reviewOf(target), log.journal.at(-1)!.ref.ms + limits.recountMs);
      } else if (ready || total >= log.tidy) {
        snapshots.push(snapshot(target, log));
      }
    }
    return { snapshots, late, refused };
  }

  async function commit(commits: readonly Commit[]): Promise<('done' | 'stale')[]> {
    return commits.map((one) => {
      const { target, judged } = one;
      const record = records.get(recordKey(target));
      const version = record?.version ?? 0;
      if (one.recordVersion !== undefined && version !== one.recordVersion) return 'stale';
      if (one.marks !== undefined) records.set(recordKey(target), { version: version + 1, marks: one.marks });
      const log = logs.get(logKey(target));
      const current = log !== undefined && log.generation === judged.generation && log.journal.length === judged.length;
      if (log !== undefined && log.generation === judged.generation) apply(log, one, current, profileOf(target.rule).unit > 0);
      if (log?.journal.length === 0) logs.delete(logKey(target));
      const review = reviewOf(target);
      if (one.reviewAt === undefined) {
        if (current || log === undefined) reviews.remove(review);
      } else if (current) reviews.set(review, one.reviewAt);
      else reviews.pull(review, one.reviewAt);
      for (const alert of one.alerts) outbox.alert(alert);
      for (const update of one.updates) outbox.update(update);
      return 'done';
    });
  }

  return {
    append,
    commit,
    read: async (targets) => targets.map((target) => snapshot(target, logs.get(logKey(target)))),
    records: async (targets) => targets.map((target) => records.get(recordKey(target)) ?? { version: 0, marks: [] }),
    due: async (clockMs, max) => reviews.due(clockMs, max),
    dismiss: async (gone) => gone.forEach((review) => reviews.remove(review)),
  };
}

function openLog(profile: LogProfile, first: Entry): Log {
  return {
    generation: first.ref.ms,
    journal: [],
    cut: 0,
    capped: false,
    wake: profile.unit > 0 ? weightUnits : profile.minEntries,
    tidy: profile.unit > 0 ? tidyMin : Math.max(tidyMin, 2 * profile.minEntries),
    mutedTo: 0,
    steps: 0,
    weight: 0,
    settled: 0,
    newest: -Infinity,
    arrivalOfNewest: never,
  };
}

/** The newest event time of the log that came before the clock; 0: none. */
const settledBy = ({ newest, arrivalOfNewest, settled }: Log, clock: Arrival): number =>
  newest !== -Infinity && arrivedBefore(arrivalOfNewest, clock) && (settled === 0 || newest > settled) ? newest : settled;

/** Appends the entry unless it is too late for the log; what is too late leaves the log as it was. */
function place(log: Log, entry: Entry, profile: LogProfile, settled: number): 'newest' | 'earlier' | 'late' {
  if (settled !== 0 && entry.time < settled - profile.keepMs) return 'late';
  log.settled = settled;
  log.journal.push(entry);
  log.steps |= 1 << entry.step;
  if (profile.unit > 0) log.weight += weightOf(entry.value, profile.unit);
  if (entry.time < log.newest) return 'earlier';
  log.newest = entry.time;
  log.arrivalOfNewest = entry.ref;
  return 'newest';
}

/** True when the rule could be fulfilled. */
const isReady = (log: Log, { unit, needSteps }: LogProfile): boolean =>
  unit > 0 ? log.weight >= log.wake : log.journal.length >= log.wake && (log.steps & needSteps) >>> 0 === needSteps;

function apply(log: Log, commit: Commit, current: boolean, weighs: boolean): void {
  const { journal, judged } = commit;
  if (journal !== undefined) {
    log.journal = [...journal, ...log.journal.slice(judged.length)];
    log.generation += 1;
    log.cut = commit.cut;
    log.capped = commit.cutByCap;
    if (current) log.steps = journal.reduce((steps, entry) => steps | (1 << entry.step), 0);
  }
  const total = log.journal.length;
  if (weighs) {
    log.wake = commit.slack;
    if (current) log.weight = 0;
  } else log.wake = (journal?.length ?? judged.length) + commit.slack;
  log.tidy = Math.max(tidyMin, Math.min(2 * total, total + 1024));
  log.mutedTo = commit.mutedTo;
}
