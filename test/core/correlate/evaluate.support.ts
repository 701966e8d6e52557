/** Short ways to write rules and logs for the tests of evaluation. Times and durations are bare numbers (ms). */
import type { Aggregate } from '../../../engine/core/correlate/aggregate/aggregate.ts';
import type { Comparator } from '../../../engine/core/correlate/aggregate/comparison.ts';
import { arrange, type Entry } from '../../../engine/core/correlate/entry.ts';
import type { Correlation, CorrelationKind } from '../../../engine/core/correlate/kind.ts';
import { correlationKinds, type KindName } from '../../../engine/core/correlate/kinds.ts';
import type { Rule } from '../../../engine/core/rule.ts';
import type { Step } from '../../../engine/core/step.ts';
import type { Fulfilment, Moment } from '../../../engine/core/correlate/verdict.ts';

export type StepSpec = {
  readonly name?: string;
  readonly gte?: number;
  readonly inMs?: number;
  readonly withinMs?: number;
  readonly not?: boolean;
};

export function stepOf(spec: StepSpec, index = 0): Step {
  return {
    name: spec.name ?? String.fromCharCode(65 + index),
    negative: spec.not ?? false,
    predicate: () => true,
    groupBy: [],
    times: { gte: spec.gte ?? 1, inMs: spec.inMs },
    withinMs: spec.withinMs,
  };
}

function ruleOf(steps: readonly StepSpec[], correlation: Correlation | undefined): Rule {
  return {
    id: 'rule',
    title: '',
    description: '',
    status: 'live',
    level: 'medium',
    risk: 0,
    entities: [],
    tags: [],
    message: undefined,
    steps: steps.map(stepOf),
    correlation,
    suppress: undefined,
    tests: [],
    source: { file: 'rule.yaml', line: 1, column: 1 },
    hash: '',
    shape: '',
  };
}

/** @throws for an unknown kind */
export function kindNamed(name: string): CorrelationKind {
  const kind = correlationKinds.find((each) => each.name === name);
  if (kind === undefined) throw new Error(`there is no kind ${name}`);
  return kind;
}

export type SequenceName = Extract<KindName, `temporal${string}`>;
export type AggregateName = Exclude<KindName, SequenceName>;

export type AggregateSpec = Partial<Record<Comparator, number>> & {
  readonly timespanMs?: number;
  readonly settle?: boolean;
  readonly fields?: readonly string[];
};

/** An aggregate rule; the default timespan is 10. */
export function aggregateRule(
  kind: AggregateName | CorrelationKind<Aggregate>,
  { timespanMs = 10, settle = false, fields = ['field'], ...condition }: AggregateSpec,
): Rule {
  const correlation: Aggregate = {
    kind: typeof kind === 'string' ? kindNamed(kind) : kind,
    groupBy: ['user.id'],
    timespanMs,
    settle,
    fields: kind === 'event_count' ? [] : fields.map((name, slot) => ({ name, slot })),
    condition: Object.entries(condition).map(([op, value]) => ({ op: op as Comparator, value })),
  };
  return ruleOf([{}], correlation);
}

/** A rule over steps A, B, C…; the default timespan is 10. */
export function sequenceRule(kind: SequenceName, steps: readonly StepSpec[], { timespanMs = 10, settle = false } = {}): Rule {
  return ruleOf(steps, { kind: kindNamed(kind), groupBy: ['user.id'], timespanMs, settle, fields: [] });
}

export const singleRule = (): Rule => ruleOf([{}], undefined);

export type EntrySpec = {
  readonly time: number;
  readonly id: string;
  readonly step?: number;
  readonly index?: number;
  readonly value?: number | string;
  readonly arrival?: number;
};

/** An entry; by default it arrived at its event time. */
export const entryOf = ({ time, id, step = 0, index = 0, value = 0, arrival = time }: EntrySpec): Entry => ({
  time,
  id,
  step,
  index,
  value,
  ref: { shard: 0, ms: arrival, seq: 0, index: 0 },
  counted: false,
});

/** `log('A1 B3 AC5@9')`: an event of step A at time 1, one of B at 3, and one of A and C at 5 that arrived at 9. */
export function log(text: string): readonly Entry[] {
  const words = text.split(' ').filter((word) => word !== '');
  return arrange(
    words.flatMap((word, nth) => {
      const found = /^([A-Z]+)(\d+)(?:@(\d+))?$/.exec(word);
      if (found === null) throw new Error(`not an event: ${word}`);
      const time = Number(found[2]);
      const arrival = found[3] === undefined ? time : Number(found[3]);
      return [...found[1]!].map((letter) => entryOf({ time, id: `e${nth}`, step: letter.charCodeAt(0) - 65, arrival }));
    }),
  );
}

/** `values('1=5 2=7.5 3=x')`: entries with the numbers or texts that they aggregate, in order of time. */
export function values(text: string): readonly Entry[] {
  const words = text.split(' ').filter((word) => word !== '');
  return arrange(
    words.map((word, nth) => {
      const [place = '', value = ''] = word.split('=');
      const [time, arrival = time] = place.split('@').map(Number);
      const number = Number(value);
      return entryOf({
        time: time!,
        id: `e${String(nth).padStart(2, '0')}`,
        value: Number.isNaN(number) ? value : number,
        arrival: arrival!,
      });
    }),
  );
}

/** The arrival clock is far ahead: everything is due. */
export const later: Moment = { clock: { ms: 1e9, seq: 0 }, latenessMs: 0, closing: undefined };
export const at = (clock: number, latenessMs = 0): Moment => ({ clock: { ms: clock, seq: 0 }, latenessMs, closing: undefined });

/** `5: 3 of e1+e2+e3`: end, value and proof of each fulfilment. */
export const told = (fulfilments: readonly Fulfilment[]): string[] =>
  fulfilments.map(({ at: end, value, by, proof }) => `${end}: ${value} by ${by.id} of ${proof.map(({ id }) => id).join('+')}`);
