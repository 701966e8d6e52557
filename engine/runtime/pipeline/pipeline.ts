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
import { logTarget } from '../../core/correlate/target.ts';
import type { Arrival, Located } from '../../core/event.ts';
import { limits } from '../../core/limits.ts';
import type { Matcher, Rule, RuleSet } from '../../core/rule.ts';
import { judgeLogs, type CreatedAt, type JudgeDeps, type Look } from '../alert/judge-logs.ts';
import type { Outbox } from '../alert/ports.ts';
import { addSingle, fireSingles, type SingleAlert } from '../alert/single-alerts.ts';
import { observersOf } from '../correlate/observers.ts';
import type { AppendBuffer, Review } from '../correlate/ports.ts';
import { packMatcher } from '../match/match-pack.ts';

export type PipelineDeps = Omit<JudgeDeps, 'counts'> & { readonly outbox: Outbox; readonly latenessMs: number };

export type BatchContext = { readonly clock: Arrival; readonly createdAt: CreatedAt; readonly closing?: number | undefined };

/**
 * Behind a pack, when so many events have been matched at a stretch, the process breathes: it answers others, and what another batch has still to
 * send to Redis goes out (a socket takes some 200 KB at a time, and the rest only when Node is free).
 */
const breathEvents = 256;

/** A batch on its way: matched here, or observed by others and added to it. */
export type OpenBatch = {
  readonly buffer: AppendBuffer;
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
  const matchPack = packMatcher(ruleset, observers, counts);

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
    const buffer = deps.windows.openAppend();
    const singles: SingleAlert[] = [];
    const isFull = (): boolean => buffer.size >= limits.batchEntriesMax || singles.length >= limits.batchAlertsMax;
    return {
      buffer,
      match(pack, createdAt, from = 0) {
        const started = performance.now();
        const single = ({ rule }: Matcher, located: Located): void => addSingle(deps, singles, rule, located, createdAt);
        const to = matchPack(pack, from, buffer, single, isFull);
        meter.stage('match', to - from, (performance.now() - started) / 1000);
        return to;
      },
      single(match, located, createdAt) {
        counts.matched[match.matcher]! += 1;
        addSingle(deps, singles, match.rule, located, createdAt);
      },
      async close(context) {
        await correlate(buffer, context);
        await fireSingles(deps, singles, context.createdAt);
      },
    };
  }

  /** Appends what was observed, and judges the logs that come back. */
  async function correlate(buffer: AppendBuffer, context: BatchContext): Promise<void> {
    const observations = buffer.size;
    if (observations === 0) return;
    const started = performance.now();
    const { snapshots, refused } = await buffer.append();
    if (refused > 0) meter.add('refusedLogs', refused);
    const appended = performance.now();
    meter.stage('correlate', observations, (appended - started) / 1000);
    await judgeLogs(deps, 'append', snapshots, look(context));
    meter.stage('alert', snapshots.length, (performance.now() - appended) / 1000);
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

const runs = (rule: Rule): boolean => rule.correlation !== undefined && (rule.status === 'live' || rule.status === 'shadow');

function targetOf({ shape, group, groupHash }: Review, byShape: ReadonlyMap<string, Rule>) {
  const rule = byShape.get(shape);
  return rule === undefined ? [] : [logTarget(rule, group, groupHash)];
}
