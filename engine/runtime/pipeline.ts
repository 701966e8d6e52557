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
import type { Alert } from '../core/alert.ts';
import { composeSingle } from '../core/compose.ts';
import type { Arrival, Located } from '../core/event.ts';
import { alertId } from '../core/fire.ts';
import { eventHash } from '../core/hash.ts';
import { groupHashOf, logTarget, observe, type Append } from '../core/observe.ts';
import { limits } from '../core/limits.ts';
import type { Rule } from '../core/rule.ts';
import type { RuleSet } from '../core/ruleset.ts';
import { asWindowed } from '../core/single.ts';
import { judgeLogs, type CreatedAt, type JudgeDeps, type Look } from './judge-logs.ts';
import type { Outbox, Review } from './ports.ts';

export type PipelineDeps = JudgeDeps & { readonly outbox: Outbox; readonly latenessMs: number };

export type BatchContext = { readonly clock: Arrival; readonly createdAt: CreatedAt; readonly closing?: number | undefined };

/**
 * Events matched at a stretch. Between stretches the process breathes: it answers others, and what another batch has
 * still to send to Redis goes out (a socket takes some 200 KB at a time, and the rest only when Node is free).
 */
const breath = 512;

/** The loop's middle, bound to one rule set. */
export type Pipeline = {
  readonly ruleset: RuleSet;
  process(batch: readonly Located[], context: BatchContext): Promise<void>;
  /** Judges what is due at the clock; returns how many reviews were looked at. */
  review(max: number, context: BatchContext): Promise<number>;
};

export function pipeline(ruleset: RuleSet, deps: PipelineDeps): Pipeline {
  const view = ruleset.view();
  const running = new Map<Rule, Rule>(ruleset.rules.map((rule) => [rule, asWindowed(rule)]));
  const byShape = new Map([...running.values()].filter(runs).map((rule) => [rule.shape, rule]));
  const { meter, costs } = deps;
  let untilSample = limits.costSampleEvents;

  const look = ({ clock, createdAt, closing }: BatchContext): Look => ({
    moment: { clock: clock.ms, latenessMs: deps.latenessMs, closing },
    clock,
    createdAt,
  });

  async function process(batch: readonly Located[], context: BatchContext): Promise<void> {
    const started = performance.now();
    const { appends, singles } = await matchBatch(batch, context);
    const matched = performance.now();
    meter.stage('match', batch.length, (matched - started) / 1000);
    if (appends.length > 0) {
      const { snapshots, refused } = await deps.windows.append(appends);
      if (refused > 0) meter.add('refusedLogs', refused);
      const appended = performance.now();
      meter.stage('correlate', appends.length, (appended - matched) / 1000);
      await judgeLogs(deps, 'append', snapshots, look(context));
      meter.stage('alert', snapshots.length, (performance.now() - appended) / 1000);
    }
    if (singles.length > 0) {
      await deps.outbox.add(singles);
      for (const { alert } of singles) meter.addTo('fired', alert.rule.level);
    }
  }

  async function matchBatch(batch: readonly Located[], context: BatchContext) {
    const appends: Append[] = [];
    const singles: { alert: Alert; groupHash: string }[] = [];
    for (const [i, located] of batch.entries()) {
      if (i % breath === breath - 1) await setImmediate();
      if (--untilSample === 0) {
        untilSample = limits.costSampleEvents;
        if (costs !== undefined) ruleset.time(view.load(located.event), now, (rule, ms) => costs.matched(rule.id, ms));
      }
      const matches = ruleset.match(view.load(located.event));
      if (matches.length === 0) continue;
      const id = eventHash(located.event.dataset, located.event.id);
      for (const { rule, step } of matches) {
        const effective = running.get(rule)!;
        if (effective.correlation === undefined) singles.push(single(rule, located, context.createdAt));
        else observe(effective, step, view, id, located.ref, appends);
      }
    }
    return { appends, singles };
  }

  async function review(max: number, context: BatchContext): Promise<number> {
    const due = await deps.windows.due(context.closing === undefined ? context.clock.ms : Infinity, max);
    if (due.length === 0) return 0;
    const gone = due.filter((one) => !byShape.has(one.shape) && context.clock.ms - one.dueMs > limits.orphanReviewMs);
    if (gone.length > 0) await deps.windows.dismiss(gone);
    const targets = due.flatMap((one) => targetOf(one, byShape));
    await judgeLogs(deps, 'review', await deps.windows.read(targets), look(context));
    return due.length;
  }

  return { ruleset, process, review };
}

const now = (): number => performance.now();
const runs = (rule: Rule): boolean => rule.correlation !== undefined && (rule.status === 'live' || rule.status === 'shadow');

function targetOf({ shape, group, groupHash }: Review, byShape: ReadonlyMap<string, Rule>) {
  const rule = byShape.get(shape);
  return rule === undefined ? [] : [logTarget(rule, group, groupHash)];
}

function single(rule: Rule, { event }: Located, createdAt: CreatedAt): { alert: Alert; groupHash: string } {
  const groupHash = groupHashOf([event.dataset, event.id]);
  const id = alertId(rule.id, groupHash, eventHash(event.dataset, event.id));
  return { alert: composeSingle(rule, id, event, createdAt(event.time)), groupHash };
}
