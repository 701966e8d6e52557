/**
 * The seam for kinds of correlation: only a kind's own files and the two lists know it by name, so a new kind is a file in
 * core, a reader in compile and a line in each list. A kind that exists only in this test works from the text of a rule to
 * the alert.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { windowText } from '../engine/cli/format/explain.ts';
import { aggregateReader } from '../engine/compile/correlate/aggregate.ts';
import type { KindReader } from '../engine/compile/correlate/kind-reader.ts';
import { readers } from '../engine/compile/correlate/readers.ts';
import { readText } from '../engine/compile/source/read.ts';
import { compile } from '../engine/compile/index.ts';
import { extreme, type Accumulator } from '../engine/core/correlate/aggregate/accumulators.ts';
import { aggregateKind, type Aggregate } from '../engine/core/correlate/aggregate/aggregate.ts';
import { upward } from '../engine/core/correlate/aggregate/comparison.ts';
import type { Entry } from '../engine/core/correlate/entry.ts';
import { evaluate } from '../engine/core/correlate/evaluate.ts';
import type { CorrelationKind } from '../engine/core/correlate/kind.ts';
import { correlationKinds } from '../engine/core/correlate/kinds.ts';
import { numbers } from '../engine/core/correlate/read-values.ts';
import { correlated, type RuleSet } from '../engine/core/rule.ts';
import { replayStores } from '../engine/memory/replay-stores.ts';
import { replaySession } from '../engine/runtime/pipeline/replay-session.ts';
import { aggregateRule, later } from './core/correlate/evaluate.support.ts';
import { aggregateJournals } from './properties/evaluate.arbitraries.ts';
import { aggregateOracle, numbersOf } from './properties/evaluate.oracle-aggregates.ts';
import { expectedVerdict, firstArrivals } from './properties/evaluate.oracle.ts';
import { namesAndImports } from './support/syntax.ts';

const top = join(import.meta.dirname, '..');
const files = globSync(['engine/**/*.ts', 'api/**/*.ts'], { cwd: top }).map((path) => path.replaceAll('\\', '/'));
const tree = files.map((path) => ({ path, ...namesAndImports(path, readFileSync(join(top, path), 'utf8')) }));

const core = 'engine/core/correlate/';
const compiled = 'engine/compile/correlate/';
const lists = [`${core}kinds.ts`, `${compiled}readers.ts`];

/** The files of each kind: its own, and the one that reads its keys. */
const filesOf: Readonly<Record<string, readonly [own: string, ...others: string[]]>> = {
  // A rule of single events that suppresses runs as a count of one.
  event_count: [`${core}aggregate/event-count.ts`, `${compiled}counts.ts`, 'engine/core/alert/single-event.ts'],
  value_count: [`${core}aggregate/value-count.ts`, `${compiled}counts.ts`],
  value_sum: [`${core}aggregate/value-sum.ts`, `${compiled}numbers.ts`],
  value_avg: [`${core}aggregate/value-avg.ts`, `${compiled}numbers.ts`],
  value_min: [`${core}aggregate/value-min.ts`, `${compiled}numbers.ts`],
  value_max: [`${core}aggregate/value-max.ts`, `${compiled}numbers.ts`],
  temporal: [`${core}sequence/temporal.ts`, `${compiled}temporal.ts`],
  // The reader of `temporal` suggests this kind for rules that need an order.
  temporal_ordered: [`${core}sequence/temporal-ordered.ts`, `${compiled}temporal-ordered.ts`, `${compiled}temporal.ts`],
};

describe('the name of a kind', () => {
  it.each(correlationKinds.map(({ name }) => name))('%s occurs only in its own files and in the two lists', (name) => {
    const [own] = filesOf[name]!;
    const knowing = tree.filter(({ path, names, imports }) => path === own || names.has(name) || imports.has(own)).map(({ path }) => path);
    expect(knowing.toSorted()).toEqual([...filesOf[name]!, ...lists].toSorted());
  });

  it('is found as a string, as a key and in an import', () => {
    const found = namesAndImports('engine/x.ts', `import { a } from './core/a.ts'; const b = { value_x: a.kind === 'value_y' };`);
    expect([...found.names]).toEqual(expect.arrayContaining(['value_x', 'value_y']));
    expect([...found.imports]).toEqual(['engine/core/a.ts']);
  });
});

/** Its own key: the unit of the numbers, for the reason. */
type Range = Aggregate & { readonly unit: string };

/** The greatest of the window's numbers minus the least. */
const valueRange: CorrelationKind<Range, 'value_range'> = {
  ...aggregateKind({
    name: 'value_range',
    values: numbers,
    accumulator: range,
    isMonotone: upward,
    inWords: (value, field) => `range ${value} of ${field}`,
  }),
  reason: ({ correlation }, { value }, whose) => `swing of ${value} ${correlation.unit}${whose}`,
};

function range(log: readonly Entry[]): Accumulator {
  const [least, greatest] = [extreme(log, (a, b) => a < b), extreme(log, (a, b) => a > b)];
  return {
    take: (index) => [least, greatest].forEach((one) => one.take(index)),
    drop: (index) => [least, greatest].forEach((one) => one.drop(index)),
    value: () => greatest.value() - least.value(),
  };
}

const condition = aggregateReader(valueRange as CorrelationKind<Aggregate>, { fields: { min: 1, max: 1 }, fieldHint: '', example: '' });

const valueRangeReader: KindReader<Range> = {
  kind: valueRange,
  keys: ['unit'],
  over: 'conditions',
  read(map, context) {
    const read = condition.read(map, context);
    return read && { ...read, unit: readText(map, 'unit', context.report) ?? '' };
  },
};

const withRange = { ...readers, value_range: valueRangeReader };

describe('a kind that exists only in this test', () => {
  const text = `
id: swings
conditions: { all: [{ fact: kind, operator: equal, value: a }] }
correlation: { type: value_range, group-by: [user], timespan: 10s, condition: { field: amount, gte: 5 }, unit: EUR }
`;
  const source = [{ path: 'rules/swings.yaml', text }];
  const codesOf = (options: Parameters<typeof compile>[1]) => compile(source, options).problems.map(({ code }) => code);

  it('is refused without its reader, and read with it', () => {
    expect(codesOf({})).toContain('unknown-type');
    expect(codesOf({ readers: withRange })).toEqual(['no-tests']);
  });

  it('is the only kind with its key', () => {
    const other = [{ path: 'rules/swings.yaml', text: text.replace('value_range', 'value_max') }];
    const { problems } = compile(other, { readers: withRange });
    expect(problems.find(({ code }) => code === 'unknown-key')?.message).toContain('"unit"');
  });

  it('is evaluated like its slow obvious version', () => {
    const oracle = aggregateOracle(
      (window) => Math.max(...numbersOf(window)) - Math.min(...numbersOf(window)),
      () => true,
    );
    fc.assert(
      fc.property(aggregateJournals.map(firstArrivals), fc.nat({ max: 6 }), (entries, gte) => {
        const rule = aggregateRule(valueRange as CorrelationKind<Aggregate>, { gte });
        const expected = expectedVerdict(oracle, correlated(rule), entries, later).fulfilments;
        const found = evaluate(rule, entries, later).fulfilments;
        expect(found.map(({ at, by, value }) => [at, by.id, value])).toEqual(expected.map(({ at, by, value }) => [at, by.id, value]));
      }),
      { numRuns: 500 },
    );
  });

  it('fires alerts with its reason and its explanation', async () => {
    const { ruleset } = compile(source, { readers: withRange });
    expect(windowText(ruleset.byId.get('swings')!)).toBe('value_range of amount gte 5 in 10s');
    expect(await reasonsOf(ruleset, [3, 7, 9])).toEqual(['swing of 6 EUR for user=eve']);
  });
});

async function reasonsOf(ruleset: RuleSet, amounts: readonly number[]): Promise<readonly string[]> {
  const onRuleFault = (_: string, fault: unknown): never => {
    throw fault;
  };
  const session = replaySession(ruleset, replayStores, { latenessMs: 0, drain: true, onRuleFault });
  for (const [i, amount] of amounts.entries()) {
    const raw = { id: `e${i}`, kind: 'a', user: 'eve', amount };
    await session.feed({ id: raw.id, time: 1000 * (i + 1), dataset: 'd', raw, mapped: undefined, tags: [] });
  }
  return (await session.finish()).map(({ reason }) => reason);
}
