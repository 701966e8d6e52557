/**
 * evaluate → fire for the logs that an append returned or that are due for review: evaluate each (core/alert/judge.ts),
 * fetch the evidence of what fires, commit. When another worker has committed in between, the log is read and evaluated
 * again. In each round at least one worker succeeds, so this ends.
 *
 * A rule that throws affects only itself: the fault is reported with the rule's id, and the other logs continue.
 */
import type { Event } from '../../core/event.ts';
import type { Entry } from '../../core/correlate/entry.ts';
import { composeAlert, composeUpdate, evidenceOf, type OnCut } from '../../core/alert/compose.ts';
import { assess, judge, type Assessment, type Judgement } from '../../core/alert/judge.ts';
import type { AlertRecord } from '../../core/alert/fire.ts';
import { waitsForLateness } from '../../core/correlate/requirements.ts';
import type { LogProfile } from '../../core/correlate/log-profile.ts';
import type { Rule } from '../../core/rule.ts';
import type { Moment } from '../../core/correlate/verdict.ts';
import { isolateFault, type FaultDeps } from './rule-faults.ts';
import type { Meter } from '../metering/meter.ts';
import type { Commit, Snapshot, WindowStore } from '../correlate/ports.ts';
import type { Evidence } from './ports.ts';

export type JudgeDeps = FaultDeps & {
  readonly windows: WindowStore;
  readonly evidence: Evidence;
  readonly profile: (rule: Rule) => LogProfile;
};

/** Gives an alert's `created`, epoch ms, from the end of its window: the wall clock in a running engine, event time in replay. */
export type CreatedAt = (windowEnd: number) => number;

type Assessed = { readonly log: Snapshot; readonly profile: LogProfile; readonly assessment: Assessment };
type Judged = Assessed & {
  readonly record: AlertRecord | undefined;
  readonly judgement: Judgement;
  readonly evidence: readonly (readonly Entry[])[];
};

/** The moment at which logs are evaluated, and how alerts are dated. */
export type Look = { readonly moment: Moment; readonly createdAt: CreatedAt };

/** Why a log is evaluated: entries were appended, or a review is due. A due review is always committed, so that it gets a new due time. */
export type Cause = 'append' | 'review';

/** Evaluates and commits until every log has been evaluated in its current state. */
export async function judgeLogs(deps: JudgeDeps, cause: Cause, snapshots: readonly Snapshot[], look: Look): Promise<void> {
  let waiting = snapshots;
  while (waiting.length > 0) {
    const stale = await judgeOnce(deps, cause, waiting, look);
    if (stale.length === 0) return;
    deps.meter.add('stale', stale.length);
    waiting = await deps.windows.read(stale.map((log) => log.target));
  }
}

async function judgeOnce(deps: JudgeDeps, cause: Cause, snapshots: readonly Snapshot[], look: Look): Promise<Snapshot[]> {
  deps.meter.add('evaluated', snapshots.length);
  const assessed: Assessed[] = [];
  for (const log of snapshots) {
    const profile = deps.profile(log.target.rule);
    deps.counts.add('evaluations', log.target.rule.id, 1);
    charged(deps, log, () => assessed.push({ log, profile, assessment: assess(log, profile, look.moment) }));
  }
  const undecided = assessed.reduce((sum, { assessment }) => sum + assessment.verdict.undecided, 0);
  if (undecided > 0) deps.meter.add('undecided', undecided);
  const records = await recordsOf(deps, assessed);
  const judged: Judged[] = [];
  assessed.forEach((one, i) => {
    const record = records[i]!;
    charged(deps, one.log, () => {
      const judgement = judge(one.log, one.assessment, record ?? noRecord, one.profile, look.moment);
      judged.push({ ...one, record, judgement, evidence: judgement.plan.fired.map(({ fulfilment }) => evidenceOf(fulfilment)) });
    });
  });
  const events = await fetchEvidence(deps, judged);
  const commits: Commit[] = [];
  const committed: Judged[] = [];
  for (const one of judged) {
    charged(deps, one.log, () => {
      if (cause === 'append' && changesNothing(one)) return;
      commits.push(commitOf(one, events, look.createdAt, (what) => deps.meter.addTo('cut', what)));
      committed.push(one);
    });
  }
  if (commits.length === 0) return [];
  const answers = await deps.windows.commit(commits);
  answers.forEach((answer, i) => {
    if (answer !== 'done') return;
    count(deps, commits[i]!);
    recordLatency(deps.meter, committed[i]!, look.createdAt);
  });
  return committed.filter((_, i) => answers[i] === 'stale').map(({ log }) => log);
}

/** Reads the records of the logs in which something is fulfilled. The other logs need none, and their commits change none. */
async function recordsOf(deps: JudgeDeps, assessed: readonly Assessed[]): Promise<(AlertRecord | undefined)[]> {
  const needed = assessed.filter(needsRecord);
  if (needed.length === 0) return assessed.map(() => undefined);
  const found = await deps.windows.records(needed.map((one) => one.log.target));
  const byLog = new Map(needed.map((one, i) => [one.log, found[i]!]));
  return assessed.map((one) => byLog.get(one.log));
}

const needsRecord = ({ assessment }: Assessed): boolean => assessment.fulfilments.length > 0;

async function fetchEvidence(deps: JudgeDeps, judged: readonly Judged[]): Promise<Map<Entry, Event | 'expired'>> {
  const entries = judged.flatMap((one) => one.evidence.flat());
  if (entries.length === 0) return new Map();
  const events = await deps.evidence.fetch(entries.map((entry) => entry.ref));
  return new Map(entries.map((entry, i) => [entry, events[i]!]));
}

const noRecord: AlertRecord = { version: 0, marks: [] };

/** True when a commit would change nothing of use: nothing fired or was tidied, and the next entry is evaluated anyway. */
const changesNothing = ({ assessment, judgement, profile }: Judged): boolean =>
  profile.monotone &&
  profile.needSteps === 0 &&
  assessment.fulfilments.length === 0 &&
  assessment.verdict.slack <= 1 &&
  judgement.tidied === undefined;

const slackOf = ({ assessment: { verdict }, profile }: Judged): number =>
  profile.unit > 0 ? Math.floor((verdict.room ?? 0) / profile.unit) : verdict.slack;

function commitOf(one: Judged, events: ReadonlyMap<Entry, Event | 'expired'>, createdAt: CreatedAt, onCut: OnCut): Commit {
  const { log, profile, record, judgement } = one;
  const { plan, marks, tidied } = judgement;
  const { reviewAt } = one.assessment.verdict;
  const { rule, group } = log.target;
  const alerts = plan.fired.map(({ mark, fulfilment }, i) => {
    const evidence = one.evidence[i]!;
    const capped = log.capped && fulfilment.at - profile.horizonMs < log.cut;
    const found = evidence.map((entry) => events.get(entry)!);
    return composeAlert({ rule, group, mark, fulfilment, evidence, events: found, capped, created: createdAt(fulfilment.at) }, onCut);
  });
  return {
    target: log.target,
    judged: log.version,
    recordVersion: record?.version,
    marks,
    judgedJournal: log.journal,
    journal: tidied?.journal,
    cut: tidied === undefined || tidied.cut === 0 ? log.cut : tidied.cut,
    cutByCap: tidied === undefined || tidied.cut === 0 ? log.capped : tidied.capped > 0,
    capped: tidied?.capped ?? 0,
    slack: slackOf(one),
    muted: judgement.muted,
    late: tidied === undefined ? 0 : one.assessment.late,
    reviewAt,
    alerts,
    updates: plan.raised.map((mark) => composeUpdate(mark, (record ?? noRecord).version + 1)),
    mutedWindows: plan.muted,
  };
}

function count({ meter, counts }: JudgeDeps, commit: Commit): void {
  const { id } = commit.target.rule;
  for (const alert of commit.alerts) {
    meter.addTo('fired', alert.rule.level);
    counts.add('alerts', id, 1);
  }
  if (commit.late > 0) meter.add('late', commit.late);
  if (commit.mutedWindows > 0) {
    meter.add('muted', commit.mutedWindows);
    counts.add('muted', id, commit.mutedWindows);
  }
  if (commit.capped > 0) meter.addTo('evicted', 'log_entries', commit.capped);
}

/** Rules that wait for the lateness are left out: their latency says nothing about the engine's own speed. */
function recordLatency(meter: Meter, { log, judgement }: Judged, createdAt: CreatedAt): void {
  if (waitsForLateness(log.target.rule)) return;
  for (const { fulfilment } of judgement.plan.fired) {
    const arrivedMs = fulfilment.by.ref.ms;
    meter.alertLatency((createdAt(arrivedMs) - arrivedMs) / 1000);
  }
}

/** Runs the work, and charges its time to the rule. */
function charged(deps: JudgeDeps, { target: { rule } }: Snapshot, work: () => void): void {
  const started = performance.now();
  isolateFault(deps, rule, work);
  deps.counts.add('seconds', rule.id, (performance.now() - started) / 1000);
}
