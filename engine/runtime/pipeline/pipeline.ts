/**
 * Takes one batch through the middle of the engine: match → correlate → alert. It knows neither Redis nor HTTP; the
 * worker and replay differ only in the ports they pass in.
 *
 *     Located events ──match──▶ (rule, step) ──observe──▶ appends ──append──▶ logs ──judge──▶ alerts
 *                                   └─ single-event rules ─────────────────────────────────▶ alerts
 *
 * Every write is idempotent: a caller that is not sure whether a batch went through processes it again.
 */
import { setImmediate } from 'node:timers/promises';
import type { Arrival, Located } from '../../core/event.ts';
import { limits } from '../../core/limits.ts';
import type { Matcher, Rule, RuleSet } from '../../core/rule.ts';
import { judgeLogs, type CreatedAt, type JudgeDeps, type Look } from '../alert/judge-logs.ts';
import type { Outbox } from '../alert/ports.ts';
import { addSingle, fireSingles, type SingleAlert } from '../alert/single-alerts.ts';
import { observersOf } from '../correlate/observers.ts';
import type { AppendBuffer } from '../correlate/ports.ts';
import { packMatcher } from '../match/match-pack.ts';
import { reviewer } from './review.ts';

export type PipelineDeps = Omit<JudgeDeps, 'counts'> & { readonly outbox: Outbox; readonly latenessMs: number };

export type BatchContext = { readonly clock: Arrival; readonly createdAt: CreatedAt; readonly closing?: number | undefined };

/**
 * After this many events, at the end of a pack, matching yields to the event loop, so that other requests are answered
 * and other batches finish sending to Redis (a socket takes some 200 KB at a time, and the rest only when Node is free).
 */
const yieldEvents = 256;

/** A batch in progress. Its events are matched here, or were matched elsewhere and are added as observations. */
export type OpenBatch = {
  readonly buffer: AppendBuffer;
  /** Matches the events of the pack starting at `from`. @returns the position after the last event matched; less than the length when the batch is full */
  match(pack: readonly Located[], createdAt: CreatedAt, from?: number): number;
  /** Adds a match of a single-event rule. */
  single(match: Matcher, located: Located, createdAt: CreatedAt): void;
  /** Correlates and alerts. The batch cannot be used again. */
  close(context: BatchContext): Promise<void>;
};

/** The stages from match to alert, bound to one rule set. */
export type Pipeline = {
  readonly ruleset: RuleSet;
  /** @param packs events in order of arrival, iterated once; no event is kept after it has been matched */
  process(packs: Iterable<readonly Located[]>, context: BatchContext): Promise<void>;
  /** The same in steps, for a caller whose events are already matched. */
  open(): OpenBatch;
  /** Evaluates the next reviews that are due at the clock, at most `max`. @returns how many there were; less than `max`: that was all */
  review(max: number, context: BatchContext): Promise<number>;
};

export function pipeline(ruleset: RuleSet, given: PipelineDeps): Pipeline {
  const { meter } = given;
  const counts = meter.rulesOf(ruleset);
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
  const reviews = reviewer(given.windows, byShape);
  const deps: PipelineDeps & JudgeDeps = { ...given, windows: reviews.windows, counts };
  const matchPack = packMatcher(ruleset, observers, counts);

  const look = ({ clock, createdAt, closing }: BatchContext): Look => ({
    moment: { clock, latenessMs: deps.latenessMs, closing },
    createdAt,
  });

  /** Resolves when the previous batch has been matched. Batches that interleave their matching all send at once, and then all wait. */
  let matching: Promise<void> = Promise.resolve();

  async function process(packs: Iterable<readonly Located[]>, context: BatchContext): Promise<void> {
    const before = matching;
    const turn = Promise.withResolvers<void>();
    matching = turn.promise;
    await before;
    const batch = await matchPacks(packs, context).finally(turn.resolve);
    await batch.close(context);
  }

  /** Closes each batch that is full and continues with a new one. @returns the last, still open */
  async function matchPacks(packs: Iterable<readonly Located[]>, context: BatchContext): Promise<OpenBatch> {
    let batch = open();
    let sinceYield = 0;
    for (const pack of packs) {
      for (let at = batch.match(pack, context.createdAt); at < pack.length; at = batch.match(pack, context.createdAt, at)) {
        await batch.close(context);
        batch = open();
      }
      sinceYield += pack.length;
      if (sinceYield >= yieldEvents) {
        await setImmediate();
        sinceYield = 0;
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

  /** Appends the observations, and evaluates the logs that the append returns. */
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

  const review = (max: number, context: BatchContext): Promise<number> =>
    reviews.review(deps, context.closing === undefined ? context.clock.ms : Infinity, max, look(context));

  return { ruleset, process, open, review };
}

const runs = (rule: Rule): boolean => rule.correlation !== undefined && (rule.status === 'live' || rule.status === 'shadow');
