/**
 * Evaluation against the slow obvious version: 30,000 small cases of every kind and option, with windows that end on
 * their boundaries, equal times, events that match several steps, and late arrivals. A failure prints its seed.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Entry } from '../../engine/core/correlate/entry.ts';
import { evaluate } from '../../engine/core/correlate/evaluate.ts';
import { correlationKinds } from '../../engine/core/correlate/kinds.ts';
import type { Moment } from '../../engine/core/correlate/verdict.ts';
import { correlated } from '../../engine/core/rule.ts';
import { later } from '../core/correlate/evaluate.support.ts';
import { moments, type Case } from './evaluate.arbitraries.ts';
import { expectedVerdict } from './evaluate.oracle.ts';
import { cases, casesOf, longCasesOf, names, oracleOf } from './kinds.cases.ts';

const short = ({ at, by, value }: { at: number; by: Entry; value: number }): string => `${at}: ${value} by ${by.id}/${by.step}/${by.index}`;

function agree({ rule, entries }: Case, moment: Moment): void {
  const verdict = evaluate(rule, entries, moment);
  const expected = expectedVerdict(oracleOf(rule), correlated(rule), entries, moment);
  expect(verdict.fulfilments.map(short)).toEqual(expected.fulfilments.map(short));
  expect(verdict.reviewAt).toBe(expected.reviewAt);
  expect(verdict.undecided).toBe(0);
}

/** Compares the verdicts, and checks the proof of each window. */
function prove(one: Case): void {
  agree(one, later);
  const { rule, entries } = one;
  const oracle = oracleOf(rule);
  const expected = expectedVerdict(oracle, correlated(rule), entries, later).fulfilments;
  evaluate(rule, entries, later).fulfilments.forEach((found, i) => oracle.expectProof(correlated(rule), entries, found, expected[i]!));
}

describe.each(correlationKinds.map(({ name }) => name))('%s', (name) => {
  it('gives the verdict of the slow obvious version, with proofs', () => {
    fc.assert(fc.property(casesOf(name, cases[name].rules(false)), prove), { numRuns: 1500 });
  });

  it('decides what the arrival clock has passed', () => {
    fc.assert(fc.property(casesOf(name, cases[name].rules(false)), moments, agree), { numRuns: 500 });
  });

  it('with settle counts what had arrived when it was due', () => {
    fc.assert(fc.property(casesOf(name, cases[name].rules(true)), moments, agree), { numRuns: 1000 });
  });

  it('agrees in longer logs', () => {
    fc.assert(fc.property(longCasesOf(name), moments, agree), { numRuns: 120 });
  });
});

it.each(names.filter((name) => cases[name].absences !== undefined))(
  '%s fires an absence when the clock, advancing by one millisecond at a time, passes its due time',
  (name) => {
    fc.assert(fc.property(casesOf(name, cases[name].absences!), moments, agree), { numRuns: 5000 });
  },
);
