/**
 * One batch through the middle of the engine: match → correlate → alert. Knows neither Redis nor HTTP; the worker and
 * replay differ only in the ports they hand in.
 *
 *     Located events ──match──▶ (rule, step) ──observe──▶ appends ──append──▶ logs ──judge──▶ alerts
 *                                   └─ rules of single events ─────────────────────────────▶ alerts
 *
 * Everything written is idempotent: whoever is not sure that a batch went through sends it through again.
 */
import { setImmediate } from 'node:timers/promises';
import type { Alert } from '../../core/alert/alert.ts';
import { composeSingle } from '../../core/alert/compose.ts';
import type { Arrival, Located } from '../../core/event.ts';
import { alertId } from '../../core/alert/fire.ts';
import { eventHash } from '../../core/util/hash.ts';
import { groupHashOf, logTarget } from '../../core/correlate/target.ts';
import { limits } from '../../core/limits.ts';
import type { Rule, Matcher, RuleSet } from '../../core/rule.ts';
import { guarded } from './rule-faults.ts';
import { judgeLogs, type CreatedAt, type JudgeDeps, type Look } from '../alert/judge-logs.ts';
import { observersOf } from '../correlate/observers.ts';
import type { Gathering, Review } from '../correlate/ports.ts';
import type { Outbox } from '../alert/ports.ts';

export type PipelineDeps = Omit<JudgeDeps, 'counts'> & { readonly outbox: Outbox; readonly latenessMs: number };

export type BatchContext = { readonly clock: Arrival; readonly createdAt: CreatedAt; readonly closing?: number | undefined };

/**
 * Behind a pack, when so many events have been matched at a stretch, the process breathes: it answers others, and what another batch has still to
 * send to Redis goes out (a socket takes some 200 KB at a time, and the rest only when Node is free).
 */
const breathEvents = 256;

/** A batch on its way: matched here, or observed by others and added to it. */
export type OpenBatch = {
  readonly gathered: Gathering;
  /** Matches the events of the pack from that one on. @returns where it stopped: behind the last, or sooner where the batch has as much as it may */
  match(pack: readonly Located[], createdAt: CreatedAt, from?: number): number;
  /** A match of a rule of single events. */
  single(match: Matcher, located: Located, createdAt: CreatedAt): void;
  /** Correlates and alerts; the batch is used up. */
  close(context: BatchContext): Promise<void>;
};

/** The loop's middle, bound to one rule set. */
export type Pipeline = {
  readonly ruleset: RuleSet;
  /** @param packs events in order of arrival, gone through once; none is held on to after its match */
  process(packs: Iterable<readonly Located[]>, context: BatchContext): Promise<void>;
  /** The same in steps, for who has events that are matched already. */
  open(): OpenBatch;
  /** Judges what is due at the clock; returns how many reviews were looked at. */
  review(max: number, context: BatchContext): Promise<number>;
};

export function pipeline(ruleset: RuleSet, given: PipelineDeps): Pipeline {
  const { meter } = given;
  const counts = meter.rulesOf(ruleset);
  const deps: PipelineDeps & JudgeDeps = { ...given, counts };
  const view = ruleset.view();
  const observers = observersOf(ruleset, {
    cut: (what) => meter.addTo('cut', what),
    forgotten: (what, count) => meter.addTo('evicted', what, count),
  });
  const byShape = new Map(
    ruleset.rules
      .map(observers.effective)
      .filter(runs)
      .map((rule) => [rule.shape, rule]),
  );
  let untilSample = limits.costSampleEvents;

  const look = ({ clock, createdAt, closing }: BatchContext): Look => ({
    moment: { clock, latenessMs: deps.latenessMs, closing },
    createdAt,
  });

  /** Until the batch before is matched. Batches that match by turns all send at once, and then all wait. */
  let matching: Promise<void> = Promise.resolve();

  async function process(packs: Iterable<readonly Located[]>, context: BatchContext): Promise<void> {
    const before = matching;
    const turn = Promise.withResolvers<void>();
    matching = turn.promise;
    await before;
    const batch = await matchPacks(packs, context).finally(turn.resolve);
    await batch.close(context);
  }

  /** Closes what has as much as a batch may, and goes on with another; the last is given back. */
  async function matchPacks(packs: Iterable<readonly Located[]>, context: BatchContext): Promise<OpenBatch> {
    let batch = open();
    let sinceBreath = 0;
    for (const pack of packs) {
      for (let at = batch.match(pack, context.createdAt); at < pack.length; at = batch.match(pack, context.createdAt, at)) {
        await batch.close(context);
        batch = open();
      }
      sinceBreath += pack.length;
      if (sinceBreath >= breathEvents) {
        await setImmediate();
        sinceBreath = 0;
      }
    }
    return batch;
  }

  function open(): OpenBatch {
    const gathered = deps.windows.gather();
    const singles: Single[] = [];
    return {
      gathered,
      match(pack, createdAt, from = 0) {
        const started = performance.now();
        const to = matchPack(pack, from, createdAt, gathered, singles);
        meter.stage('match', to - from, (performance.now() - started) / 1000);
        return to;
      },
      single(match, located, createdAt) {
        counts.matched[match.matcher]! += 1;
        addSingle(singles, match.rule, located, createdAt);
      },
      close: (context) => conclude(gathered, singles, context),
    };
  }

  function matchPack(pack: readonly Located[], from: number, createdAt: CreatedAt, gathered: Gathering, singles: Single[]): number {
    const { matched } = counts;
    if (from === 0) sample(pack);
    for (let at = from; at < pack.length; at++) {
      if (gathered.size >= limits.batchEntriesMax || singles.length >= limits.batchAlertsMax) return at;
      const located = pack[at]!;
      const { event, ref } = located;
      const matches = ruleset.match(view.load(event));
      if (matches.length === 0) continue;
      gathered.of(event.time, eventHash(event.dataset, event.id), ref);
      for (const match of matches) {
        matched[match.matcher]! += 1;
        if (!observers.observe(match, view, gathered)) addSingle(singles, match.rule, located, createdAt);
      }
    }
    return pack.length;
  }

  /** Times the conditions on one event in `costSampleEvents`. Reckoned once per pack, so that the other events do not pay for it. */
  function sample(pack: readonly Located[]): void {
    untilSample -= pack.length;
    for (; untilSample <= 0; untilSample += limits.costSampleEvents) {
      const { event } = pack[pack.length - 1 + untilSample]!;
      ruleset.time(view.load(event), now, ({ id }, ms) => counts.add('matchSeconds', id, (ms / 1000) * limits.costSampleEvents));
    }
  }

  async function conclude(gathered: Gathering, singles: readonly Single[], context: BatchContext): Promise<void> {
    const observations = gathered.size;
    if (observations > 0) {
      const started = performance.now();
      const { snapshots, refused } = await gathered.append();
      if (refused > 0) meter.add('refusedLogs', refused);
      const appended = performance.now();
      meter.stage('correlate', observations, (appended - started) / 1000);
      await judgeLogs(deps, 'append', snapshots, look(context));
      meter.stage('alert', snapshots.length, (performance.now() - appended) / 1000);
    }
    if (singles.length > 0) {
      await deps.outbox.add(singles);
      for (const { alert, arrivedMs } of singles) {
        meter.addTo('fired', alert.rule.level);
        counts.add('alerts', alert.rule.id, 1);
        meter.alertLatency((context.createdAt(arrivedMs) - arrivedMs) / 1000);
      }
    }
  }

  function addSingle(singles: Single[], rule: Rule, { event, ref }: Located, createdAt: CreatedAt): void {
    guarded(deps, rule, () => {
      const groupHash = groupHashOf([event.dataset, event.id]);
      const id = alertId(rule.id, groupHash, eventHash(event.dataset, event.id));
      const alert = composeSingle(rule, id, event, createdAt(event.time), (what) => meter.addTo('cut', what));
      singles.push({ alert, groupHash, arrivedMs: ref.ms });
    });
  }

  async function review(max: number, context: BatchContext): Promise<number> {
    const due = await deps.windows.due(context.closing === undefined ? context.clock.ms : Infinity, max);
    if (due.length === 0) return 0;
    const gone = due.filter((one) => !byShape.has(one.shape) && context.clock.ms - one.dueMs > limits.orphanReviewMs);
    if (gone.length > 0) await deps.windows.dismiss(gone);
    const logs = due.flatMap((one) => targetOf(one, byShape));
    await judgeLogs(deps, 'review', await deps.windows.read(logs), look(context));
    return due.length;
  }

  return { ruleset, process, open, review };
}

const now = (): number => performance.now();
const runs = (rule: Rule): boolean => rule.correlation !== undefined && (rule.status === 'live' || rule.status === 'shadow');

function targetOf({ shape, group, groupHash }: Review, byShape: ReadonlyMap<string, Rule>) {
  const rule = byShape.get(shape);
  return rule === undefined ? [] : [logTarget(rule, group, groupHash)];
}

/** An alert of one event, and when that arrived. */
type Single = { readonly alert: Alert; readonly groupHash: string; readonly arrivedMs: number };
