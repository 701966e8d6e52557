/**
 * What the window stores need to know about a rule: the form of its entries, when its logs are worth evaluating, and how
 * long they live. Computed once per rule.
 */
import { limits } from '../limits.ts';
import { horizonOf, isMonotone, requirementsOf } from './requirements.ts';
import { correlated, type Rule } from '../rule.ts';
import { strongHash } from '../util/hash.ts';
import type { Carried } from './values.ts';

export type LogProfile = {
  /** What an entry carries besides time and identity. */
  readonly values: Carried;
  /** The smallest number of entries that could fulfil the rule. */
  readonly minEntries: number;
  /** Bits of the steps that must all have occurred. */
  readonly needSteps: number;
  /**
   * For sums: the value of one unit of weight. The weight of an entry is its positive value in units, rounded up. A log is
   * evaluated when the units since the last evaluation reach what was missing then. 0: entries have no weight.
   */
  readonly unit: number;
  /** True if further entries can only add fulfilments: then suppressed in-order entries wait for a recount. */
  readonly monotone: boolean;
  /** How far before the newest settled event an entry still matters. */
  readonly keepMs: number;
  /** How far before its end a window looks. */
  readonly horizonMs: number;
  /** How long a log outlives its newest entry. */
  readonly lifeMs: number;
  /** How long an alert suppresses others of its group. */
  readonly suppressMs: number;
  /** New logs per partition and minute; more are refused and counted. */
  readonly newLogsMax: number;
  /** Identifies the rule in counters: 32 bits of its shape. */
  readonly number: number;
};

export type Tolerance = { readonly latenessMs: number; readonly lagMs: number };

/** Units in the smallest sum that fulfils a rule: fine enough that rounding up costs nothing, and it fits in three bytes. */
export const weightUnits = 2 ** 20;

/** An entry's weight in units. */
export const weightOf = (value: number | string, unit: number): number =>
  typeof value === 'number' && value > 0 ? Math.ceil(value / unit) : 0;

/** The store-side facts of a correlated rule. */
export function profileOf(rule: Rule, { latenessMs, lagMs }: Tolerance): LogProfile {
  const { correlation } = correlated(rule);
  const { minEntries, needSteps, minWeight } = requirementsOf(rule);
  const horizonMs = horizonOf(rule);
  const keepMs = horizonMs + latenessMs + limits.futureMsMax;
  return {
    values: correlation.kind.values(correlation).carried,
    minEntries,
    needSteps,
    unit: minWeight === undefined ? 0 : minWeight / weightUnits,
    monotone: isMonotone(rule) && !correlation.settle,
    keepMs,
    horizonMs,
    lifeMs: keepMs + lagMs,
    suppressMs: rule.suppress?.forMs ?? correlation.timespanMs,
    newLogsMax: Math.ceil(limits.newLogsPerMinuteMax / limits.partitions),
    number: Buffer.from(strongHash(rule.shape, 6), 'base64url').readUInt32BE(0),
  };
}

/** Profiles of rules, each computed at the first request. */
export function profiler(tolerance: Tolerance): (rule: Rule) => LogProfile {
  const known = new WeakMap<Rule, LogProfile>();
  return (rule) => {
    let profile = known.get(rule);
    if (profile === undefined) known.set(rule, (profile = profileOf(rule, tolerance)));
    return profile;
  };
}
