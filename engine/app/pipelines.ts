/** The pipelines of a running engine: their stores, and the rules they run. */
import { profiler } from '../core/correlate/log-profile.ts';
import type { RuleSet } from '../core/rule.ts';
import type { PackTexts } from '../redis/alert/pack-texts.ts';
import { pipeline, type Pipeline, type PipelineDeps } from '../runtime/pipeline/pipeline.ts';
import type { Stores } from '../stores.ts';
import type { Foundation } from './foundation.ts';

/** Called by pipelines. */
export type Listeners = {
  /** The outbox of a partition has new items. */
  readonly onOutbox: (partition: number) => void;
  /** A review is due, epoch ms. */
  readonly onReview: (dueMs: number) => void;
};

/**
 * @param stores those on the pipeline's connection
 * @param texts packs that this process has read recently
 */
export function pipelineDeps(engine: Foundation, stores: Stores, texts: PackTexts, { onOutbox, onReview }: Listeners): PipelineDeps {
  const { config, log, metrics, rules } = engine;
  const profile = profiler({ latenessMs: config.latenessMs, lagMs: config.lagMsMax });
  return {
    windows: stores.windows({ profile, onOutbox, onReview }),
    evidence: stores.evidence(() => rules.current().ruleset.datasets, texts),
    outbox: stores.outbox(onOutbox),
    profile,
    latenessMs: config.latenessMs,
    meter: metrics.meter,
    onRuleFault: (id, fault) => log.error({ err: fault, rule: id }, 'a rule failed on a window log; the other rules continue'),
  };
}

/** Returns the pipeline of the running rule set; a new one once the set has changed. */
export function following(ruleset: () => RuleSet, deps: PipelineDeps): () => Pipeline {
  let made: Pipeline | undefined;
  return () => {
    const now = ruleset();
    if (made?.ruleset !== now) made = pipeline(now, deps);
    return made;
  };
}
