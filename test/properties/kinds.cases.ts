/**
 * What the property tests need for each kind of correlation. This file does not compile if a registered kind has no cases.
 * Every test that goes through the registry checks a kind with its cases.
 */
import fc from 'fast-check';
import type { Entry } from '../../engine/core/correlate/entry.ts';
import type { KindName } from '../../engine/core/correlate/kinds.ts';
import { correlated, type Rule } from '../../engine/core/rule.ts';
import type { AggregateName, SequenceName } from '../core/correlate/evaluate.support.ts';
import {
  aggregateJournals,
  aggregateRules,
  both,
  journalsFor,
  longLogs,
  openAbsences,
  plainSequences,
  sequenceRules,
  type Case,
} from './evaluate.arbitraries.ts';
import { aggregateOracle, exactTotal, numbersOf } from './evaluate.oracle-aggregates.ts';
import { temporalOracle, temporalOrderedOracle } from './evaluate.oracle-sequences.ts';
import { firstArrivals, type Oracle } from './evaluate.oracle.ts';

export type KindCases = {
  /** The slow obvious version. */
  readonly oracle: Oracle;
  /** Rules that events decide. */
  rules(settle: boolean): fc.Arbitrary<Rule>;
  /** Rules that a timer decides, if the kind has such rules. */
  readonly absences?: fc.Arbitrary<Rule>;
  /** Journals for such a rule, in order of arrival, with repeats. */
  journals(rule: Rule): fc.Arbitrary<readonly Entry[]>;
  /** True when a log over its cap loses entries on which no verdict depends before it loses its oldest ones. */
  readonly thins: boolean;
  /** Rules so simple that the oracle can evaluate logs of forty entries. */
  readonly plainRules: fc.Arbitrary<Rule>;
};

const aggregate = (kind: AggregateName, oracle: Oracle, thins = false): KindCases => ({
  oracle,
  thins,
  rules: (settle) => aggregateRules(kind, settle),
  journals: () => aggregateJournals,
  plainRules: fc.boolean().chain((settle) => aggregateRules(kind, settle)),
});

const sequence = (kind: SequenceName, oracle: Oracle, endings: readonly ('positive' | 'not')[]): KindCases => ({
  oracle,
  thins: false,
  rules: (settle) => fc.oneof(...endings.map((ending) => sequenceRules(kind, ending, settle))),
  journals: journalsFor,
  plainRules: plainSequences(kind),
});

const always = (): boolean => true;
const never = (): boolean => false;

export const cases: Readonly<Record<KindName, KindCases>> = {
  event_count: aggregate(
    'event_count',
    aggregateOracle((window) => new Set(window.map(({ id }) => id)).size, always),
    true,
  ),
  value_count: aggregate(
    'value_count',
    aggregateOracle((window) => new Set(window.map(({ value }) => value)).size, always),
    true,
  ),
  value_sum: aggregate(
    'value_sum',
    aggregateOracle(
      (window) => exactTotal(numbersOf(window)),
      (log) => numbersOf(log).every((number) => number >= 0),
    ),
  ),
  value_avg: aggregate(
    'value_avg',
    aggregateOracle((window) => exactTotal(numbersOf(window)) / window.length, never),
  ),
  value_min: aggregate(
    'value_min',
    aggregateOracle((window) => Math.min(...numbersOf(window)), never),
  ),
  value_max: aggregate(
    'value_max',
    aggregateOracle((window) => Math.max(...numbersOf(window)), always),
  ),
  temporal: sequence('temporal', temporalOracle, ['positive', 'not']),
  temporal_ordered: {
    ...sequence('temporal_ordered', temporalOrderedOracle, ['positive']),
    absences: fc.oneof(sequenceRules('temporal_ordered', 'not', false), openAbsences),
  },
};

export const oracleOf = (rule: Rule): Oracle => cases[correlated(rule).correlation.kind.name as KindName].oracle;

/** Rules of the kind, each with a log. */
export const casesOf = (name: KindName, rules: fc.Arbitrary<Rule>): fc.Arbitrary<Case> =>
  both(rules, (rule) => cases[name].journals(rule).map(firstArrivals));

export const longCasesOf = (name: KindName): fc.Arbitrary<Case> => both(cases[name].plainRules, () => longLogs);

export const names = Object.keys(cases) as readonly KindName[];

/** Rules of every kind that are evaluated at once. */
export const earlyCases: fc.Arbitrary<Case> = fc.oneof(...names.map((name) => casesOf(name, cases[name].rules(false))));

/** Rules of every kind that wait for the clock. */
export const waitingCases: fc.Arbitrary<Case> = fc.oneof(
  ...names.map((name) => casesOf(name, cases[name].rules(true))),
  ...names.flatMap((name) => (cases[name].absences === undefined ? [] : [casesOf(name, cases[name].absences)])),
);
