/**
 * How a kind of correlation is read from a rule file: its own keys, and what stands beside the correlation. The keys
 * that all kinds have are read in correlation.ts; the readers are listed in readers.ts.
 */
import type { Correlation, CorrelationKind } from '../../core/correlate/kind.ts';
import type { ConditionContext } from '../condition/read-conditions.ts';
import type { MapNode } from '../source/node.ts';
import type { Reporter } from '../source/problems.ts';
import type { PlacedStep } from './read-step.ts';

/** What a kind reads itself: `fields`, and what its correlations have besides those of all kinds. */
export type Own<C extends Correlation> = Omit<C, Exclude<keyof Correlation, 'fields'>>;

type Reader<C extends Correlation> = {
  readonly kind: CorrelationKind<C>;
  /** Keys of `correlation:` that this kind has and others lack. */
  readonly keys: readonly string[];
  /** @returns undefined when an error was reported */
  read(map: MapNode, context: ConditionContext): Own<C> | undefined;
};

/** A kind about the events that one condition selects. */
export type ConditionsReader<C extends Correlation = Correlation> = Reader<C> & { readonly over: 'conditions' };

/** A kind about several steps. */
export type StepsReader<C extends Correlation = Correlation> = Reader<C> & {
  readonly over: 'steps';
  /** Reports what the kind does not allow of the step at its place. */
  checkStep(step: PlacedStep, index: number, positions: Positions, report: Reporter): void;
};

/** Of the steps that must happen the first and the last, by index; -1: there is none. */
export type Positions = { readonly first: number; readonly last: number };

export type KindReader<C extends Correlation = Correlation> = ConditionsReader<C> | StepsReader<C>;
